import { isDeceptive } from "../deceptive-text.ts";
import type { Problem } from "../types.ts";
import type {
  WebhookAcknowledgement,
  WebhookHandshake,
  WebhookSignature,
  WebhooksDeclaration,
} from "../webhooks.ts";
import { defineRule } from "./rule.ts";

/** What is answered to vendors says nothing that was not meant, and a handshake proves nothing that it does not prove. */
export const webhookRepliesRule = defineRule({
  needs: ["webhooks"],
  check: ({ webhooks }) =>
    webhooks
      ? [
          ...acknowledgeProblems(webhooks),
          ...(webhooks.handshake ? handshakeProblems(webhooks.handshake, webhooks.signature) : []),
        ]
      : [],
});

function acknowledgeProblems({ acknowledge }: WebhooksDeclaration): Problem[] {
  if (!acknowledge) return [];
  const at = "/webhooks/acknowledge/body";
  if (isDeceptive(acknowledge.body)) {
    const message = "This text has control, bidirectional or invisible characters; remove them.";
    return [{ code: "text-deceptive", pointer: at, message }];
  }
  const message = bodyProblem(acknowledge);
  return message === undefined ? [] : [{ code: "webhook-acknowledge-invalid", pointer: at, message }];
}

function bodyProblem({ contentType, body }: WebhookAcknowledgement): string | undefined {
  if (contentType === "application/json" && !isJson(body))
    return 'body is not JSON, as contentType says; expected a text such as {"ok":true}.';
  if (contentType.endsWith("/xml") && isPage(body))
    return "A browser may take this XML for a page; expected elements and texts, with no namespace of the W3C's but SOAP's, no character references, and neither DOCTYPE nor instructions but the XML declaration.";
  return undefined;
}

/** Of the W3C's namespaces, those that no browser gives a meaning to. XHTML, SVG and the like are run, scripts and all. */
const pageNamespace = /w3\.org(?!\/2003\/05\/soap-|\/2001\/XMLSchema)/i;
const xmlDeclaration = /^<\?xml version="1\.0"(?: encoding="utf-8")?\s*\?>/i;

/** A stylesheet may make a page of any XML; entities and references may say a namespace so that it is not seen. */
function isPage(xml: string): boolean {
  const rest = xml.replace(xmlDeclaration, "");
  return pageNamespace.test(rest) || /<[?!]|&#/.test(rest);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function handshakeProblems(handshake: WebhookHandshake, { scheme }: WebhookSignature): Problem[] {
  const { method, when, challenge, proof, token, reply } = handshake;
  const places: Place[] = [
    ["/challenge", challenge],
    ["/when/at", when?.at],
    ["/token", token],
  ];
  const problems: Problem[] = [];
  const tell = (pointer: string, message: string) =>
    problems.push({
      code: "webhook-handshake-invalid",
      pointer: `/webhooks/handshake${pointer}`,
      message,
    });

  for (const [pointer, place] of places) {
    if (method === "GET" && place?.startsWith("/"))
      tell(pointer, "A GET has no body; expected query:<name> or header:<name>.");
    if (proof === "signature" && place !== undefined && !place.startsWith("/"))
      tell(
        pointer,
        "A signature covers the body alone; expected a JSON Pointer into it, such as /challenge.",
      );
  }
  if (proof === "signature" && method === "GET")
    tell("/proof", 'A GET has no body that could be signed; expected "token" or "none", or the method POST.');
  if (proof === "signature" && scheme === "secret-path")
    tell("/proof", 'secret-path signs nothing; expected "token" or "none", or another scheme.');
  if ((proof === "token") !== (token !== undefined))
    tell("/token", 'Where the token is has to be said where proof is "token", and nowhere else.');
  if (token !== undefined && token === challenge)
    tell("/token", "This is where the challenge is: a token that is answered is no secret.");
  if (reply.type === "json" && proof !== "signature") {
    for (const [name, value] of Object.entries(reply.fields)) {
      // Whoever asks would have what they like signed, such as the body of a delivery.
      if (value !== "challenge")
        tell(
          `/reply/fields/${name}`,
          'The secret signs for nobody who did not sign; expected "challenge", or proof "signature".',
        );
    }
  }
  return problems;
}

type Place = [pointer: string, place: string | undefined];

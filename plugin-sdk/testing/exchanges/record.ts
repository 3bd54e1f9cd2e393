import { STATUS_CODES } from "node:http";
import type { OutgoingRequest, Send } from "../../egress/index.ts";
import { type Scrubber, toReply, type UsableCredential } from "../../exchange/index.ts";
import { withoutUser } from "./anonymous.ts";
import { textOf, writeExchanges } from "./file.ts";
import { type RecordedExchange, recordBody } from "./recorded.ts";
import { recordHeaders, recordRequest } from "./request.ts";

/** What is recorded while a test runs. */
export interface Recording {
  send: Send;
  /** Writes the file. @throws {Error} when anything in it would be the credential; nothing is written then */
  save(): Promise<void>;
}

/** Sends requests on, and keeps them as the plugin wrote them, with the answers as a plugin gets them. */
export function createRecording(
  path: string,
  keyPrefix: string,
  credential: UsableCredential | undefined,
  send: Send,
): Recording {
  const recorded: RecordedExchange[] = [];
  const scrubbers = new Set<Scrubber>();
  return {
    async send(request, signal, sent) {
      const { asWritten, scrubber } = sent;
      // In the order in which they were asked, whichever is answered first.
      const place = recorded.length;
      const kept = recordRequest(withoutSecrets(asWritten, scrubber));
      recorded.push({ request: kept, response: { status: 0, headers: {} } });
      const answered = await send(request, signal, sent);
      // The plugin gets what is recorded, so that a replay is the same to it.
      const { response, body } = withoutUser(answered, Buffer.from(await answered.arrayBuffer()), credential);
      scrubbers.add(scrubber);
      recorded[place] = { request: kept, response: recordResponse(asWritten, response, body, scrubber) };
      const isEmpty = response.status === 204 || response.status === 205 || response.status === 304;
      return new Response(isEmpty ? null : body, response);
    },

    async save() {
      const answered = recorded.filter(({ response }) => response.status !== 0);
      const file = { keyPrefix, exchanges: answered };
      const text = textOf(file);
      if ([...scrubbers].some((scrubber) => scrubber.finds(text)))
        throw new Error(`${path} was not written: what was recorded holds the credential.`);
      await writeExchanges(path, file);
    },
  };
}

/** A plugin never has the credential; a test may hand it to one all the same. */
function withoutSecrets(request: OutgoingRequest, scrubber: Scrubber): OutgoingRequest {
  return {
    method: request.method,
    url: new URL(scrubber.text(request.url.href)),
    headers: request.headers.map(([name, value]) => [name, scrubber.text(value)]),
    body: request.body && new Uint8Array(scrubber.bytes(Buffer.from(request.body))),
  };
}

function recordResponse(
  request: OutgoingRequest,
  { status, statusText, headers }: Pick<Response, "status" | "statusText" | "headers">,
  body: Buffer,
  scrubber: Scrubber,
): RecordedExchange["response"] {
  const clean = new Uint8Array(scrubber.bytes(body));
  const reply = toReply(request, { status, statusText, headers: [...headers], body }, clean, scrubber);
  const recorded = recordHeaders(reply.headers);
  return {
    status,
    ...(reply.statusText !== STATUS_CODES[status] && { statusText: reply.statusText }),
    headers: recorded,
    ...recordBody(clean, recorded["content-type"]),
  };
}

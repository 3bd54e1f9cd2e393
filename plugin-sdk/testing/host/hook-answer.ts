import type { HookName, HookTypes, Json } from "../../author/index.ts";
import {
  HookAnswerRefusal,
  type PluginReply,
  type PluginRequest,
  readHookedReply,
  readHookedRequest,
} from "../../exchange/index.ts";

const MiB = 1024 * 1024;
const limits = { maxRequestBytes: 10 * MiB, maxResponseBytes: 10 * MiB };

/** Looks at what a hook answered about a request or reply, as a host does before it goes on with it. @throws TypeError */
export function checkHookAnswer<Name extends HookName>(
  name: Name,
  input: HookTypes[Name]["input"],
  answer: Json,
): void {
  if (answer === null) return;
  try {
    if (name === "request.before")
      checkRequest((input as HookTypes["request.before"]["input"]).value, answer);
    if (name === "response.after") checkReply(input as HookTypes["response.after"]["input"], answer);
  } catch (error) {
    if (!(error instanceof HookAnswerRefusal)) throw error;
    throw new TypeError(`A host would not go on with what "${name}" answered. ${error.message}`);
  }
}

function checkRequest(given: HookTypes["request.before"]["input"]["value"], answer: Json): void {
  const request: PluginRequest = {
    method: given.method,
    url: new URL(given.url),
    headers: Object.entries(given.headers),
    body: bytesOf(given),
    redirect: "follow",
  };
  readHookedRequest(answer, { request, given, limits });
}

function checkReply({ request, value: given }: HookTypes["response.after"]["input"], answer: Json): void {
  const reply: PluginReply = {
    status: given.status,
    statusText: "",
    url: request.url,
    headers: Object.entries(given.headers),
    body: bytesOf(given) ?? new Uint8Array(0),
  };
  readHookedReply(answer, { reply, given, method: request.method, limits });
}

function bytesOf({ json, text }: { json?: Json; text?: string }): Uint8Array<ArrayBuffer> | null {
  const written = json === undefined ? text : JSON.stringify(json);
  return written === undefined ? null : new Uint8Array(Buffer.from(written));
}

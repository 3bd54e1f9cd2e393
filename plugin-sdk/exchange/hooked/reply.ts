import type { HookedReply } from "../../author/index.ts";
import { isPassedOn } from "../reply.ts";
import type { PluginReply } from "../types.ts";
import { readHookedBody, toHookedBody } from "./body.ts";
import { readHookedHeaders, toHookedHeaders } from "./headers.ts";
import { HookAnswerRefusal } from "./refusal.ts";
import { membersOf } from "./request.ts";

const members = ["status", "headers", "json", "text", "withheld"];

/** Beyond what any vendor's reply can have. */
const maxHeaders = 256;
const maxHeaderBytes = 64 * 1024;

/** RFC 9110, 6.4.1: what has no body whatever anybody says; a `Response` could not hold one either. */
const bodyless = [204, 205, 304];

/** RFC 9110, section 5.6.2 (token) and 5.5 (field-value, obs-text included). */
const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

export function toHookedReply({ status, headers, body }: PluginReply, maxBytes: number): HookedReply {
  return { status, headers: toHookedHeaders(headers), ...toHookedBody(body, maxBytes) };
}

/**
 * The reply that a hook answered. The status stays, and what a plugin is not told of a connection stays away.
 *
 * @param given what was made of `reply` for the first hook
 * @param method of the request
 * @throws HookAnswerRefusal
 */
export function readHookedReply<Reply extends PluginReply>(
  answer: unknown,
  {
    reply,
    given,
    method,
    limits,
  }: { reply: Reply; given: HookedReply; method: string; limits: { maxResponseBytes: number } },
): Reply {
  const { status, headers: answered, ...rest } = membersOf(answer, members);
  if (status !== given.status) throw new HookAnswerRefusal("The status cannot be changed.");
  const headers = readHookedHeaders(answered, reply.headers, (name) =>
    isPassedOn(name) && name !== "content-length" ? undefined : "it describes how the reply came",
  );
  const wrong = headers.find(([name, value]) => !token.test(name) || !fieldValue.test(value));
  const bytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  if (headers.length > maxHeaders || bytes > maxHeaderBytes)
    throw new HookAnswerRefusal(`A reply has at most ${maxHeaders} headers of ${maxHeaderBytes} bytes.`);
  if (wrong && !reply.headers.includes(wrong))
    throw new HookAnswerRefusal("A header holds a character that headers may not have.");
  const body = readHookedBody(rest, given, reply.body) ?? new Uint8Array(0);
  if (body.byteLength > 0 && body !== reply.body && (method === "HEAD" || bodyless.includes(given.status)))
    throw new HookAnswerRefusal("This reply has no body, and cannot be given one.");
  if (body.byteLength > limits.maxResponseBytes)
    throw new HookAnswerRefusal(`A reply's body has at most ${limits.maxResponseBytes} bytes.`);
  return { ...reply, headers, body };
}

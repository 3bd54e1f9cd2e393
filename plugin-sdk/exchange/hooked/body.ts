import type { HookedBody, Json } from "../../author/index.ts";
import { keepingNumbers } from "./keep-numbers.ts";
import { HookAnswerRefusal } from "./refusal.ts";

/** Below what a sandbox takes, with what stands around it. */
const mostNested = 40;

/** What hooks see of a body. It goes by the bytes, not by what the content type says of them: whoever reads them may not either. */
export function toHookedBody(bytes: Uint8Array | null, maxBytes: number): HookedBody {
  if (!bytes || bytes.byteLength === 0) return {};
  if (bytes.byteLength > maxBytes) return { withheld: "large" };
  const text = decode(bytes);
  if (text === undefined) return { withheld: "binary" };
  let json: Json;
  try {
    json = JSON.parse(text);
  } catch {
    return { text };
  }
  return isDeep(text) ? { withheld: "large" } : { json };
}

/**
 * The bytes of the body that a hook answered: the very same where it changed nothing in it.
 * @param before what the first hook was handed of `bytes`
 * @throws HookAnswerRefusal
 */
export function readHookedBody<Bytes extends Uint8Array>(
  answer: { [name in keyof HookedBody]?: unknown },
  before: HookedBody,
  bytes: Bytes | null,
): Bytes | Uint8Array<ArrayBuffer> | null {
  const { json, text, withheld } = answer;
  // Nor to keep from the next one, which may have to say that it was not shown all.
  if (withheld !== before.withheld) throw new HookAnswerRefusal("`withheld` is the host's to say.");
  if ([json, text, before.withheld].filter((one) => one !== undefined).length > 1)
    throw new HookAnswerRefusal("A body is `json` or `text`; what was withheld cannot be changed.");
  if (before.withheld) return bytes;
  if (text !== undefined) {
    if (typeof text !== "string") throw new HookAnswerRefusal("`text` must be a string.");
    return text === before.text ? bytes : encode(text);
  }
  if (json === undefined) return before.json === undefined && before.text === undefined ? bytes : null;
  const written = JSON.stringify(json);
  if (before.json === undefined || !bytes) return encode(written);
  if (written === JSON.stringify(before.json)) return bytes;
  return encode(keepingNumbers(decode(bytes) ?? "null", before.json, json as Json) ?? written);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text));
}

/** Looks at the text, which is JSON: what comes after recurses over the value. */
function isDeep(json: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (isInString) {
      if (character === "\\") at++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") depth--;
    if (depth > mostNested) return true;
  }
  return false;
}

import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/** Canonical JSON (RFC 8785): one text for one value. @throws TypeError if the value is none */
export function canonicalJson(value: object): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("The payload is not JSON.");
  return text;
}

/** SHA-256 of a text, lowercase hex: how statements name each other. */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

import { compactVerify, importJWK, type JWK } from "jose";
import { parseStrictJson, StrictJsonError } from "../json/index.ts";
import { TrustError } from "./errors.ts";
import { publicPart, thumbprint } from "./keys.ts";
import { maxStatementBytes } from "./limits.ts";
import { checkShape } from "./shapes.ts";
import type { StatementType } from "./statements.ts";

/**
 * Verifies a compact JWS and gives its payload. The signature must be Ed25519 by one of `keys`, which the header
 * names by thumbprint; the header may say nothing else, so keys, critical extensions and unencoded payloads that a
 * stranger puts in it are refused. What one parser could read otherwise than another is refused, too.
 *
 * @throws TrustError
 */
export async function verifyStatement<T>(type: StatementType, jws: string, keys: JWK[]): Promise<T> {
  return (await verifyWithKey<T>(type, jws, keys)).payload;
}

/** As `verifyStatement`, and says which of the keys it was. */
export async function verifyWithKey<T, Key extends JWK = JWK>(
  type: StatementType,
  jws: string,
  keys: Key[],
): Promise<{ payload: T; key: Key; kid: string }> {
  const parts = splitJws(jws);
  const header = parseHeader(parts.header);
  if (header.typ !== type) {
    throw new TrustError(
      "statement-wrong-type",
      `The statement is a ${shown(header.typ)}; expected a ${type}.`,
    );
  }
  if (header.alg !== "Ed25519") {
    throw new TrustError("signature-invalid", `The algorithm is ${shown(header.alg)}; expected Ed25519.`);
  }
  const key = await findKey(keys, header.kid);
  await verifySignature(jws, publicPart(key));
  const payload = parsePart(parts.payload, "payload");
  checkShape(type, payload);
  return { payload: payload as T, key, kid: String(header.kid) };
}

function splitJws(jws: string): { header: string; payload: string } {
  if (typeof jws !== "string") throw malformed("The statement is not text.");
  if (jws.length > maxStatementBytes)
    throw malformed(`The statement is longer than ${maxStatementBytes} bytes.`);
  const [header, payload, signature, ...more] = jws.split(".");
  if (!header || !payload || !signature || more.length > 0) {
    throw malformed("The statement is not a compact JWS; expected header.payload.signature.");
  }
  for (const part of [header, payload, signature]) {
    // Only one spelling for the same bytes: else a digest over the text would not name the statement.
    if (!/^[\w-]+$/.test(part) || Buffer.from(part, "base64url").toString("base64url") !== part) {
      throw malformed("A part of the statement is not base64url without padding.");
    }
  }
  return { header, payload };
}

function parseHeader(part: string): { [name: string]: unknown } {
  const header = parsePart(part, "header");
  const unknown = Object.keys(header).filter((name) => !["alg", "kid", "typ"].includes(name));
  if (unknown.length === 0) return header;
  throw malformed(`The header has ${unknown.map(shown).join(", ")} in it; expected alg, kid and typ alone.`);
}

function parsePart(part: string, name: string): { [name: string]: unknown } {
  let value: unknown;
  try {
    value = parseStrictJson(Buffer.from(part, "base64url"));
  } catch (cause) {
    if (!(cause instanceof StrictJsonError)) throw cause;
    throw malformed(`The ${name} is not sound JSON: ${cause.message}`, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw malformed(`The ${name} is not a JSON object.`);
}

async function findKey<Key extends JWK>(keys: Key[], kid: unknown): Promise<Key> {
  for (const key of keys) {
    if ((await thumbprint(key)) === kid) return key;
  }
  throw new TrustError(
    "key-unknown",
    `The statement is signed with the key ${shown(kid)}, which is not one of those expected.`,
  );
}

async function verifySignature(jws: string, key: JWK): Promise<void> {
  try {
    await compactVerify(jws, await importJWK(key, "Ed25519"), { algorithms: ["Ed25519"] });
  } catch (cause) {
    throw new TrustError("signature-invalid", "The signature does not fit the statement and the key.", {
      cause,
    });
  }
}

function malformed(message: string, options?: ErrorOptions): TrustError {
  return new TrustError("statement-malformed", message, options);
}

/** A stranger's value in a message: quoted, and never long. */
function shown(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 80);
}

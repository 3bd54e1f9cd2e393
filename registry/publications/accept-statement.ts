import { packageLimits } from "@plugboard/plugin-sdk/package";
import { type PublisherStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { Type } from "typebox";
import { Check } from "typebox/value";
import { registryError } from "../errors.ts";
import type { Publishers } from "../publishers/index.ts";
import { verifySigned } from "../trust/index.ts";

/** What has to be known of a statement before it is verified: whose keys to verify it with. */
const Addressed = Type.Object({
  id: Type.String({ pattern: "^[a-z][a-z0-9-]{1,38}/[a-z][a-z0-9-]{0,63}$" }),
});

/** RFC 7638 with SHA-256, base64url. */
const thumbprint = /^[A-Za-z0-9_-]{43}$/;

/**
 * Verifies a publisher's statement with the keys that this publisher registered.
 *
 * @returns the statement and the publisher, whose name is the namespace of the plugin's id
 * @throws `statement-malformed`, `statement-wrong-type`, `publisher-key-unknown`, `namespace-forbidden`,
 *   `signature-invalid`, `package-too-large`
 */
export async function acceptStatement(publishers: Publishers, jws: string) {
  const { id, kid } = readAddress(jws);
  const publisher = id.slice(0, id.indexOf("/"));
  const keys = await publishers.keysOf(publisher);
  await refuseForeignKey(publishers, { publisher, kid });
  const statement = await verifySigned<PublisherStatement>(statementTypes.publisher, jws, keys);
  if (statement.size > packageLimits.packedBytes) throw tooLarge(statement.size);
  return { publisher, statement };
}

function readAddress(jws: string): { id: string; kid: string | undefined } {
  let payload: unknown;
  let kid: string | undefined;
  try {
    payload = decodeJwt(jws);
    kid = thumbprint.exec(decodeProtectedHeader(jws).kid ?? "")?.[0];
  } catch (cause) {
    throw registryError(
      "statement-malformed",
      "The statement is no compact JWS with a JSON object in it.",
      {},
      { cause },
    );
  }
  if (Check(Addressed, payload)) return { id: payload.id, kid };
  const problem = { code: "statement-malformed", pointer: "/id", message: 'must be "publisher/name"' };
  throw registryError("statement-malformed", "The statement names no plugin.", { problems: [problem] });
}

/** Tells a key of another publisher from one that nobody registered: the first is a wrong id, the second a wrong key. */
async function refuseForeignKey(publishers: Publishers, by: { publisher: string; kid: string | undefined }) {
  if (by.kid === undefined) return;
  const owners = await publishers.ownersOfKey(by.kid);
  if (owners.length === 0 || owners.includes(by.publisher)) return;
  const detail = `The key belongs to "${owners.join('", "')}"; "${by.publisher}/…" is another publisher's namespace.`;
  throw registryError("namespace-forbidden", detail);
}

function tooLarge(size: number) {
  const { packedBytes } = packageLimits;
  const detail = `The tarball has ${size} bytes; a package has at most ${packedBytes}.`;
  return registryError("package-too-large", detail, { maxBytes: packedBytes });
}

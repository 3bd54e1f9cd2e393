import { type TSchema, Type } from "typebox";
import { Errors } from "typebox/value";
import { TrustError } from "./errors.ts";
import { type StatementType, statementTypes } from "./statements.ts";

const id = Type.String({ pattern: "^[a-z][a-z0-9-]{1,38}/[a-z][a-z0-9-]{0,63}$" });
const version = Type.String({ minLength: 1, maxLength: 100 });
const publisher = Type.String({ pattern: "^[a-z][a-z0-9-]{1,38}$" });
const sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const sha512 = Type.String({ pattern: "^[0-9a-f]{128}$" });
const time = Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?Z$" });
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const name = Type.String({ minLength: 1, maxLength: 200 });
const closed = { additionalProperties: false };

/** What a publisher signs is checked to the last member; what a later registry adds to its own is let through. */
const shapes: { [type in StatementType]: TSchema } = {
  [statementTypes.publisher]: Type.Object(
    {
      id,
      version,
      size: count,
      sha512,
      files: Type.Array(Type.Tuple([Type.String({ minLength: 1, maxLength: 300 }), count, sha256]), {
        minItems: 1,
        maxItems: 5_000,
      }),
      permissions: Type.Object({}),
      manifestSha512: sha512,
    },
    closed,
  ),
  [statementTypes.registry]: Type.Object({
    publisherJwsSha256: sha256,
    id,
    version,
    seq: count,
    publishedAt: time,
    scan: Type.Object({}),
  }),
  [statementTypes.delegation]: Type.Object({
    publisher,
    keys: Type.Array(
      Type.Object(
        {
          kty: Type.Literal("OKP"),
          crv: Type.Literal("Ed25519"),
          x: Type.String({ minLength: 43, maxLength: 43 }),
        },
        closed,
      ),
      { maxItems: 100 },
    ),
    verified: Type.Optional(Type.Boolean()),
    seq: count,
    issuedAt: time,
  }),
  [statementTypes.receipt]: Type.Object({
    installId: name,
    tenantId: name,
    plugin: id,
    version,
    tarballSha512: sha512,
    consent: sha256,
    issuedAt: time,
  }),
  [statementTypes.claim]: Type.Object({ publisher, audience: name, issuedAt: time }, closed),
};

/** @throws TrustError `statement-malformed` if a payload is not what its type says */
export function checkShape(type: StatementType, payload: unknown): void {
  const [first] = Errors(shapes[type], payload);
  if (!first) return;
  throw new TrustError(
    "statement-malformed",
    `The payload is not that of a ${type}: ${first.instancePath} ${first.message}.`,
  );
}

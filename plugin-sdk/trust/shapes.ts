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
const publicKey = {
  kty: Type.Literal("OKP"),
  crv: Type.Literal("Ed25519"),
  x: Type.String({ pattern: "^[\\w-]{42}[AEIMQUYcgkosw048]$" }),
};
const kid = Type.String({ minLength: 43, maxLength: 43 });
const until = Type.Optional(count);
const reply = { publisher, audience: name, issuedAt: time, review: name };
const meterName = Type.String({ pattern: "^[a-z][a-z0-9-]{0,39}$" });
const hour = Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:00:00\\.000Z$" });
const positive = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const versionNumber = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const orderOn = <T extends string>(...types: T[]) => Type.Union(types.map((type) => Type.Literal(type)));
const orderActions = Type.Union([
  Type.Object(
    {
      type: orderOn("add-key"),
      key: Type.Object(publicKey, closed),
      claim: Type.String({ maxLength: 8192 }),
    },
    closed,
  ),
  Type.Object({ type: orderOn("retire-key"), kid }, closed),
  Type.Object({ type: orderOn("revoke-key"), kid, from: Type.Optional(count) }, closed),
  Type.Object({ type: orderOn("yank", "unyank"), plugin: id, version }, closed),
  Type.Object(
    {
      type: orderOn("deprecate"),
      plugin: id,
      version: Type.Optional(version),
      message: Type.String({ minLength: 1, maxLength: 500 }),
      replacement: Type.Optional(id),
    },
    closed,
  ),
  Type.Object({ type: orderOn("undeprecate"), plugin: id, version: Type.Optional(version) }, closed),
]);

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
    keys: Type.Array(Type.Object({ ...publicKey, until }, closed), { maxItems: 500 }),
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
    seq: Type.Optional(count),
    issuedAt: time,
  }),
  [statementTypes.claim]: Type.Object({ publisher, audience: name, issuedAt: time }, closed),
  [statementTypes.order]: Type.Object(
    { publisher, audience: name, issuedAt: time, nonce: name, action: orderActions },
    closed,
  ),
  // A member that this version does not know could mean that less is to be believed, so there must be none.
  [statementTypes.root]: Type.Object(
    {
      version: versionNumber,
      threshold: Type.Integer({ minimum: 1, maximum: 20 }),
      rootKeys: Type.Array(Type.Object(publicKey, closed), { minItems: 1, maxItems: 20 }),
      onlineKeys: Type.Array(
        Type.Object({ ...publicKey, until, stolen: Type.Optional(Type.Literal(true)) }, closed),
        { maxItems: 200 },
      ),
      issuedAt: time,
      expiresAt: time,
    },
    closed,
  ),
  [statementTypes.checkpoint]: Type.Object({
    seq: count,
    logHead: sha256,
    indexHash: sha256,
    revocationsHash: sha256,
    rootVersion: versionNumber,
    issuedAt: time,
    expiresAt: time,
  }),
  [statementTypes.reply]: Type.Union([
    Type.Object({ ...reply, body: Type.String({ minLength: 1, maxLength: 5_000 }) }, closed),
    Type.Object({ ...reply, withdraw: Type.Literal(true) }, closed),
  ]),
  [statementTypes.entitlement]: Type.Object({
    entitlementId: name,
    tenantId: name,
    plugin: id,
    revision: versionNumber,
    state: orderOn("active", "ended"),
    terms: sha256,
    trial: Type.Optional(Type.Literal(true)),
    expiresAt: Type.Optional(time),
    seq: count,
    issuedAt: time,
  }),
  [statementTypes.hostKey]: Type.Object({ audience: name, issuedAt: time, kid }, closed),
  [statementTypes.usage]: Type.Object(
    {
      host: name,
      audience: name,
      issuedAt: time,
      windows: Type.Array(
        Type.Object({ installId: name, meter: meterName, window: hour, units: positive }, closed),
        { minItems: 1, maxItems: 500 },
      ),
    },
    closed,
  ),
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

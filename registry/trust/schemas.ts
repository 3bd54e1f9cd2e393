import { Type } from "typebox";

/** A public Ed25519 key (RFC 8037); a private one (`d`) is refused as an unknown field. */
export const PublicKey = Type.Object({
  kty: Type.Literal("OKP"),
  crv: Type.Literal("Ed25519"),
  x: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$", description: "The 32 bytes of the key, base64url." }),
});
export type PublicKey = Type.Static<typeof PublicKey>;

export const Root = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  keys: Type.Array(PublicKey, { description: "The public keys that this registry signs with." }),
});
export type Root = Type.Static<typeof Root>;

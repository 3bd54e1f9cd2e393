import { Type } from "typebox";

/** A public Ed25519 key (RFC 8037); a private one (`d`) is refused as an unknown field. */
export const PublicKey = Type.Object({
  kty: Type.Literal("OKP"),
  crv: Type.Literal("Ed25519"),
  x: Type.String({
    pattern: "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$",
    description: "The 32 bytes of the key, base64url.",
  }),
});
export type PublicKey = Type.Static<typeof PublicKey>;

const rootVersion = Type.Integer({ minimum: 1, maximum: 1_000_000 });

const signatures = Type.Array(Type.String({ maxLength: 64 * 1024 }), {
  minItems: 1,
  maxItems: 60,
  description:
    "Compact JWS of type `plugboard-root+jws`, all over the same payload, one per key that signed.",
});

export const Root = Type.Object({ version: rootVersion, signatures });
export type Root = Type.Static<typeof Root>;

export const RootVersion = Type.Object({ version: rootVersion });

export const MadeKey = Type.Object({ key: PublicKey });

export const RootRequest = Type.Object({ signatures });

export const RotationRequest = Type.Object({
  stolen: Type.Optional(Type.Boolean({ description: "Whether somebody else has the key in use." })),
  until: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: "The last place in the log that the old key counts for. By default the last there is.",
    }),
  ),
});

import { Type } from "typebox";
import { PublicKey } from "../trust/schemas.ts";

const place = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const OrderRequest = Type.Object({
  order: Type.String({
    maxLength: 32 * 1024,
    description:
      'Compact JWS of type `plugboard-order+jws` over `{ publisher, audience: "plugboard-registry", issuedAt, nonce, action }`, ' +
      "signed with a key that the publisher signs with. `action` is one of `{ type: add-key, key, claim }` (`claim` signed with the " +
      "new key), `{ type: retire-key, kid }`, `{ type: revoke-key, kid, from? }`, `{ type: yank | unyank, plugin, version }`, " +
      "`{ type: deprecate, plugin, version?, message, replacement? }`, `{ type: undeprecate, plugin, version? }`.",
  }),
});

export const CarriedOut = Type.Object({ seq: Type.Integer({ description: "Its place in the log." }) });

export const BlockRequest = Type.Object({
  reason: Type.String({
    minLength: 1,
    maxLength: 500,
    description: "Shown to whoever has the version installed.",
  }),
});

export const KeyRequest = Type.Object({ key: PublicKey, claim: Type.String({ maxLength: 8192 }) });

export const kid = Type.String({
  pattern: "^[A-Za-z0-9_-]{43}$",
  description: "RFC 7638 thumbprint of the key.",
});

export const GivenKey = Type.Object({ kid });

export const AdoptedKey = Type.Object({
  key: PublicKey,
  origin: Type.String({
    pattern: "^[0-9a-f]{64}$",
    description: "SHA-256 that stands for the registry it comes from.",
  }),
  hasEnded: Type.Optional(Type.Boolean({ description: "It signs nothing more there: nor here." })),
  revives: Type.Optional(Type.Boolean({ description: "It signs again although it was revoked here." })),
});

export const KeyRevocation = Type.Object({
  from: Type.Optional(
    Type.Integer({
      ...place,
      description: "The first place in the log that it no longer counts for. Default: the next.",
    }),
  ),
});

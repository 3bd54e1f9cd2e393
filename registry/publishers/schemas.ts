import { Type } from "typebox";
import { publisherName, timestamp } from "../names.ts";
import { PublicKey } from "../trust/schemas.ts";

const kid = Type.String({ description: "RFC 7638 thumbprint of the key." });

export const RegistrationRequest = Type.Object({
  publisher: publisherName,
  key: PublicKey,
  claim: Type.String({
    maxLength: 8192,
    description:
      'Compact JWS of type `plugboard-claim+jws` over `{ publisher, audience: "plugboard-registry", issuedAt }`, signed with `key`.',
  }),
});

export const Registered = Type.Object({ publisher: publisherName, kid });

export const Publisher = Type.Object({
  publisher: publisherName,
  verified: Type.Boolean({ description: "Whether the operator of this registry vouches for who this is." }),
  keys: Type.Array(kid, { description: "Those that it signs with now." }),
  endedKeys: Type.Array(
    Type.Object({
      kid,
      ended: Type.Union([Type.Literal("retired"), Type.Literal("revoked")]),
      until: Type.Integer({ description: "The last place in the log that it counts for." }),
    }),
    { description: "Those that it signs with no more." },
  ),
  createdAt: timestamp,
});

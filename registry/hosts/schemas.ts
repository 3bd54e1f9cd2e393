import { Type } from "typebox";
import { timestamp } from "../names.ts";

const jws = Type.String({ minLength: 1, maxLength: 4096 });

export const hostId = Type.String({ pattern: "^hst_[0-9a-f]{32}$" });
export const kid = Type.String({ pattern: "^[\\w-]{43}$", description: "RFC 7638 thumbprint." });

export const HostAnnouncement = Type.Object({
  key: Type.Object({
    kty: Type.Literal("OKP"),
    crv: Type.Literal("Ed25519"),
    x: Type.String({ pattern: "^[\\w-]{42}[AEIMQUYcgkosw048]$" }),
  }),
  claim: Type.String({
    ...jws,
    description: "Compact JWS of type `plugboard-host-key+jws`, signed with this key.",
  }),
  vouch: Type.Optional(
    Type.String({
      ...jws,
      description: "The same of this key, signed with the one that the host has used so far.",
    }),
  ),
});

export const Host = Type.Object({ hostId: Type.String() });

export const HostKey = Type.Object({
  kid,
  createdAt: timestamp,
  endsAt: Type.Union([timestamp, Type.Null()]),
});

import { Type } from "typebox";
import { tenantId, timestamp } from "../names.ts";

export const hostName = Type.String({
  pattern: "^[a-z][a-z0-9-]{1,38}$",
  description: "Lower-case letters, digits and dashes; 2 to 39 characters.",
});
export const hostTokenId = Type.String({ pattern: "^hat_[0-9a-f]{32}$" });

export const NewHost = Type.Object({ name: hostName });

export const NewHostToken = Type.Object({
  name: Type.String(),
  id: Type.String(),
  token: Type.String({ description: "Shown this once." }),
});

export const HostAccounts = Type.Object({
  items: Type.Array(
    Type.Object({
      name: Type.String(),
      createdAt: timestamp,
      tokens: Type.Array(
        Type.Object({
          id: Type.String(),
          prefix: Type.String({ description: "The beginning of the token." }),
          createdAt: timestamp,
          revokedAt: Type.Union([timestamp, Type.Null()]),
        }),
      ),
    }),
  ),
});

export const TenantMove = Type.Object({
  host: hostName,
  reason: Type.String({ minLength: 1, maxLength: 1000 }),
});

export const TenantHost = Type.Object({
  tenantId,
  host: Type.String(),
  since: timestamp,
  moves: Type.Array(
    Type.Object({
      from: Type.Union([Type.String(), Type.Null()], { description: "Null: no host had spoken for it yet." }),
      to: Type.String(),
      reason: Type.String(),
      at: timestamp,
    }),
    { description: "Newest first." },
  ),
});

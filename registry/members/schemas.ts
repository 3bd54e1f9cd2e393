import { Type } from "typebox";
import { accountId, role } from "../accounts/schemas.ts";
import { publisherName, timestamp } from "../names.ts";
import { PublicKey } from "../trust/schemas.ts";

export const transferId = Type.String({ pattern: "^tra_[0-9a-f]{32}$" });
export const auditId = Type.String({ pattern: "^adt_[0-9a-f]{32}$" });

export const Member = Type.Object({
  accountId: Type.String(),
  displayName: Type.String(),
  role,
  addedBy: Type.String({ description: "An account's id, `key`, or `operator`." }),
  createdAt: timestamp,
});

export const MemberRequest = Type.Object({ role });

export const OwnershipClaim = Type.Object({
  claim: Type.String({
    maxLength: 8192,
    description:
      'Compact JWS of type `plugboard-claim+jws` over `{ publisher, audience: "plugboard-registry/accounts/<account id>", issuedAt }`, signed with a key of the publisher.',
  }),
});

export const SettingsRequest = Type.Object({
  tokenRequired: Type.Boolean({
    description:
      "Ask for a member's token besides the signature, to publish, to order, to reply and to become an owner.",
  }),
});

export const OwnershipGift = Type.Object({
  reason: Type.String({ minLength: 1, maxLength: 2000, description: "What it was seen by. For the record." }),
});

export const VerificationRequest = Type.Object({
  verified: Type.Boolean(),
  reason: Type.String({ minLength: 1, maxLength: 2000, description: "What it was seen by. For the record." }),
});

export const AuditEntry = Type.Object({
  id: Type.String(),
  actor: Type.String({ description: "An account's id, or `operator`." }),
  action: Type.String(),
  details: Type.Unsafe<Record<string, unknown>>({ type: "object" }),
  at: timestamp,
});

export const TransferRequest = Type.Object({ to: accountId });

export const TransferAcceptance = Type.Object({
  key: PublicKey,
  claim: Type.String({
    maxLength: 8192,
    description:
      'Compact JWS of type `plugboard-claim+jws` with the audience "plugboard-registry", signed with `key`.',
  }),
});

export const Transfer = Type.Object({
  id: Type.String(),
  publisher: publisherName,
  from: Type.String(),
  to: Type.String(),
  status: Type.Union([
    Type.Literal("offered"),
    Type.Literal("accepted"),
    Type.Literal("declined"),
    Type.Literal("withdrawn"),
  ]),
  createdAt: timestamp,
  expiresAt: timestamp,
});

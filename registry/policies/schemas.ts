import { Type } from "typebox";
import { consentDigest, pluginId, timestamp } from "../names.ts";

const pattern = Type.String({
  pattern: "^(\\*|[a-z][a-z0-9-]{1,38}/(\\*|[a-z][a-z0-9-]{0,63}))$",
  description: "`publisher/name`, `publisher/*`, or `*`.",
});
const patterns = Type.Array(pattern, { maxItems: 1000, uniqueItems: true });

const hostPattern = Type.String({
  pattern: "^(\\*\\.)?[a-z0-9{}_.-]+(:[0-9]{1,5})?$",
  maxLength: 260,
  description: "A host as manifests write it, or `*.example.com` for all below.",
});
const method = Type.Union([
  Type.Literal("GET"),
  Type.Literal("HEAD"),
  Type.Literal("POST"),
  Type.Literal("PUT"),
  Type.Literal("PATCH"),
  Type.Literal("DELETE"),
  Type.Literal("OPTIONS"),
  Type.Literal("WEBSOCKET"),
]);

export const Policy = Type.Object({
  allow: Type.Union([patterns, Type.Null()], {
    description: "Nothing else may be installed; null: everything may.",
  }),
  deny: Type.Array(pattern, { maxItems: 1000, uniqueItems: true, description: "Goes before `allow`." }),
  verifiedOnly: Type.Boolean({ description: "Only publishers that the registry's operator vouches for." }),
  maxPermissions: Type.Union(
    [
      Type.Object({
        hosts: Type.Union([Type.Array(hostPattern, { maxItems: 1000 }), Type.Null()]),
        methods: Type.Union([Type.Array(method, { maxItems: 8 }), Type.Null()]),
        storageBytes: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
        events: Type.Boolean(),
        hooks: Type.Boolean(),
        files: Type.Optional(Type.Boolean()),
        binary: Type.Boolean(),
      }),
      Type.Null(),
    ],
    { description: "The most that a plugin may ask for; null, also within: no bound." },
  ),
  approvalRequired: Type.Boolean({
    description: "Each plugin, with its very permissions, needs an approval.",
  }),
  coolDownHours: Type.Integer({
    minimum: 0,
    maximum: 8760,
    description: "How long a version must have been published before it is installed.",
  }),
  enforce: Type.Optional(
    Type.Union([Type.Literal("installs"), Type.Literal("running")], {
      description:
        "`installs` (the default): what is installed runs on, and is shown as refused. `running`: it is not called any more, as long as the policy refuses it.",
    }),
  ),
});

const who = Type.String({ minLength: 1, maxLength: 200, description: "Who it is, as the host knows them." });

/** What a change of the policy consists of; who makes it is the host's to say. */
export const policyBody = {
  policy: Policy,
  version: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        "Of the policy that this is made from: 0 where there was none. Guards against a lost update.",
    }),
  ),
};

export const PolicyRequest = Type.Object({ ...policyBody, changedBy: who });

export const VersionedPolicy = Type.Object({
  version: Type.Integer({ description: "0: nobody has set one." }),
  policy: Policy,
  changedBy: Type.Union([Type.String(), Type.Null()]),
  changedAt: Type.Union([timestamp, Type.Null()]),
});

export const approvalId = Type.String({ pattern: "^apr_[0-9a-f]{32}$" });
export const approvalStatus = Type.Union([
  Type.Literal("requested"),
  Type.Literal("approved"),
  Type.Literal("denied"),
]);

export const Approval = Type.Object({
  id: Type.String(),
  plugin: pluginId,
  version: Type.String({
    description: "The one that was asked for; every version with the same permissions is meant.",
  }),
  consent: consentDigest,
  status: approvalStatus,
  reason: Type.String(),
  requestedBy: Type.String(),
  decisionReason: Type.Union([Type.String(), Type.Null()]),
  decidedBy: Type.Union([Type.String(), Type.Null()]),
  createdAt: timestamp,
  decidedAt: Type.Union([timestamp, Type.Null()]),
});

const reason = Type.String({ minLength: 1, maxLength: 2000 });

export const ApprovalRequest = Type.Object({
  plugin: pluginId,
  range: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  reason,
  requestedBy: who,
});

export const ApprovalDecision = Type.Object({
  decision: Type.Union([Type.Literal("approve"), Type.Literal("deny")]),
  reason,
  decidedBy: who,
});

import { Type } from "typebox";
import { UpdateChannel } from "../channels/index.ts";
import { consentDigest, exactVersion, pluginId, tenantId } from "../names.ts";

/** So many installs of one plugin are asked about at once. */
export const mostInstallsPerCheck = 500;

const installToCheck = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  tenantId,
  channel: UpdateChannel,
  above: Type.Optional(
    Type.String({
      ...exactVersion,
      description: "Only what is higher comes by itself: a version that was left, or that failed.",
    }),
  ),
});

export const UpdateCheck = Type.Object({
  plugin: pluginId,
  hostVersion: Type.String({
    minLength: 5,
    maxLength: 64,
    description: "What `engines.plugboard` is held against.",
  }),
  installs: Type.Array(installToCheck, { minItems: 1, maxItems: mostInstallsPerCheck }),
});

export const UpdateReason = Type.Union(
  [
    Type.Literal("scheduled"),
    Type.Literal("decision-needed"),
    Type.Literal("held-back"),
    Type.Literal("outside-channel"),
  ],
  {
    description:
      "`scheduled`: it comes by itself. `decision-needed`: the channel leads to it, and it needs what `needs` lists. `held-back`: it failed, or was left for a lower version. `outside-channel`: only whoever asks for it gets it.",
  },
);

export const UpdateNeeds = Type.Array(
  Type.Union([Type.Literal("consent"), Type.Literal("approval"), Type.Literal("payment")]),
  { description: "What the tenant has to do before it can run." },
);

const permissionLines = Type.Array(
  Type.Object({ permission: Type.String(), value: Type.String(), reason: Type.String() }),
);

export const AvailableUpdate = Type.Object({
  version: Type.String(),
  reason: UpdateReason,
  needs: UpdateNeeds,
  consent: consentDigest,
  added: permissionLines,
  removed: permissionLines,
});

export const VersionNotice = Type.Object({
  kind: Type.Union([Type.Literal("yanked"), Type.Literal("deprecated"), Type.Literal("blocked")]),
  message: Type.String(),
  replacement: Type.Optional(Type.String()),
});

export const CheckedInstall = Type.Object({
  id: Type.String(),
  version: Type.String({ description: "The one that it is at, which all of this is said of." }),
  automatic: Type.Union([Type.String(), Type.Null()], {
    description: "The version to bring it to without asking anybody.",
  }),
  update: Type.Union([AvailableUpdate, Type.Null()]),
  refusal: Type.Union(
    [
      Type.Object({
        reasons: Type.Array(Type.String()),
        stops: Type.Boolean({ description: "Whether the tenant wants it stopped." }),
      }),
      Type.Null(),
    ],
    { description: "What in the tenant's policy speaks against the version that it is at." },
  ),
  notices: Type.Array(VersionNotice, { description: "What became of the version that it is at." }),
});

export const CheckedInstalls = Type.Object({
  items: Type.Array(CheckedInstall, { description: "Without those that are not there, or not active." }),
});

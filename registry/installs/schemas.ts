import { Type } from "typebox";
import { consentDigest, exactVersion, pluginId, timestamp, versionRange } from "../names.ts";

const range = Type.Optional(versionRange);
const consent = Type.Optional(consentDigest);

export const InstallRequest = Type.Object({ plugin: pluginId, range, consent });

/** One of `range` and `version`. */
export const ChangeRequest = Type.Object({
  range,
  version: Type.Optional(exactVersion),
  consent,
  ifVersion: Type.Optional(exactVersion),
  setsBack: Type.Optional(
    Type.Boolean({
      description:
        "The host did not carry out the change to `ifVersion`: `version` is the one before, which it still runs. Neither a block nor a policy nor a price stands in its way.",
    }),
  ),
});

const status = Type.Union([Type.Literal("active"), Type.Literal("uninstalled")]);

const install = {
  id: Type.String(),
  plugin: pluginId,
  version: Type.String(),
  status,
  consent: consentDigest,
  receipt: Type.String({
    description: "Compact JWS of type `plugboard-receipt+jws`, signed by the registry.",
  }),
  warnings: Type.Optional(
    Type.Array(
      Type.Object({
        code: Type.Union([
          Type.Literal("version-yanked"),
          Type.Literal("version-deprecated"),
          Type.Literal("version-passed-over"),
        ]),
        message: Type.String(),
      }),
      { description: "What the tenant should know of a version that it has just been given." },
    ),
  ),
  createdAt: timestamp,
  updatedAt: timestamp,
};

export const Install = Type.Object(install);

export const InstallWithHistory = Type.Object({
  ...install,
  history: Type.Array(
    Type.Object({
      change: Type.Union([
        Type.Literal("installed"),
        Type.Literal("upgraded"),
        Type.Literal("rolled-back"),
        Type.Literal("uninstalled"),
      ]),
      version: Type.String(),
      consent: consentDigest,
      at: timestamp,
    }),
    { description: "What was changed and agreed to, oldest first. It outlives the install." },
  ),
});

export const statusFilter = Type.Union(status.anyOf, { default: "active" });

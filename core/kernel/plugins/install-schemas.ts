import { UpdateChannel, UpdateNeeds, UpdateReason } from "@plugboard/registry/client";
import { Type } from "typebox";

export const id = Type.String({ minLength: 1, maxLength: 64 });
export const status = Type.Union([Type.Literal("active"), Type.Literal("disabled")]);
export const range = Type.String({
  minLength: 1,
  maxLength: 200,
  description:
    "A semver range; the highest published version in it is taken. An exact version is a range too.",
});
export const consent = Type.String({
  pattern: "^[0-9a-f]{64}$",
  description:
    "The `consent` of the 409 `consent-required` answer: the tenant's yes to exactly those permissions.",
});

export const channel = Type.Union(UpdateChannel.anyOf, {
  description:
    "What comes by itself, as long as it asks for nothing more: `patch` and `minor` as npm reads `~` and `^`, `latest` anything newer, `pinned` nothing.",
});

export const installSchema = Type.Object(
  {
    id: Type.String(),
    plugin: Type.String(),
    version: Type.String(),
    categories: Type.Array(Type.String(), { description: "What the version says that it is." }),
    status,
    quarantine: Type.Union(
      [
        Type.Object(
          { reason: Type.String(), since: Type.String({ format: "date-time" }) },
          { title: "InstallQuarantine" },
        ),
        Type.Null(),
      ],
      { description: "Why this version is not called any more; null: it is." },
    ),
    blocked: Type.Union([Type.Object({ reason: Type.String() }, { title: "InstallBlock" }), Type.Null()], {
      description: "Why the registry has hosts stop this version; null: it has not.",
    }),
    policy: Type.Union(
      [
        Type.Object(
          {
            reasons: Type.Array(Type.String()),
            stops: Type.Boolean({ description: "Whether it is not called any more because of that." }),
          },
          { title: "InstallPolicyRefusal" },
        ),
        Type.Null(),
      ],
      { description: "What in the tenant's policy speaks against this version; null: nothing." },
    ),
    channel,
    update: Type.Union(
      [
        Type.Object(
          { version: Type.String(), reason: UpdateReason, needs: UpdateNeeds },
          { title: "InstallUpdate" },
        ),
        Type.Null(),
      ],
      { description: "A newer version, which this host has heard of and the tenant's policy allows." },
    ),
    warnings: Type.Optional(
      Type.Array(Type.Object({ code: Type.String(), message: Type.String() }, { title: "InstallWarning" }), {
        description: "What the registry said of the version when it was chosen: yanked, deprecated.",
      }),
    ),
    createdAt: Type.String({ format: "date-time" }),
    updatedAt: Type.String({ format: "date-time" }),
  },
  { title: "Install" },
);

export const historyEntry = Type.Object(
  {
    id: Type.String(),
    change: Type.Union([
      Type.Literal("installed"),
      Type.Literal("upgraded"),
      Type.Literal("downgraded"),
      Type.Literal("rolled-back"),
    ]),
    from: Type.Union([Type.String(), Type.Null()], {
      description: "The version before; null: there was none.",
    }),
    version: Type.String(),
    at: Type.String({ format: "date-time" }),
  },
  { title: "InstallHistoryEntry" },
);

import type { RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import { Type } from "typebox";

export const connectionStatus = Type.Union(
  [
    Type.Literal("configuring"),
    Type.Literal("testing"),
    Type.Literal("active"),
    Type.Literal("inactive"),
    Type.Literal("error"),
  ],
  {
    description:
      "`configuring`: has no credential yet. `testing`: is being tried for the first time, or awaits settings that the vendor tells with a token. `error`: `statusReason` says why. Only an active one is used.",
  },
);

export const statusReason = Type.Union(
  [
    Type.Literal("reauthorization-needed"),
    Type.Literal("credential-refused"),
    Type.Literal("test-failed"),
    Type.Null(),
  ],
  {
    description:
      "`reauthorization-needed`: the vendor gives no more tokens; a person has to agree again. `credential-refused`: the vendor did not take the credential. `test-failed`: the first request with it did not work. Both end by themselves when a check succeeds. One that is switched off keeps it.",
  },
);

export const connectionConfig = Type.Record(Type.String(), Type.Unknown(), {
  description: "Settings that are no secret, as the plugin's `connection.config` schema asks for.",
});

export const connectionName = Type.String({
  minLength: 1,
  maxLength: 200,
  description: "What people call it.",
});

export const connectionRequests = Type.Union(
  [Type.Unsafe<RequestsDeclaration>({ type: "object" }), Type.Null()],
  {
    description:
      "How its requests are paced, repeated and kept, in the form of `requests` in plugin.json and over what stands there; null: as the plugin declares it.",
  },
);

export const connectionSchema = Type.Object(
  {
    id: Type.String(),
    installId: Type.String(),
    plugin: Type.String(),
    categories: Type.Array(Type.String(), { description: "What the plugin says that it is, such as `crm`." }),
    name: connectionName,
    status: connectionStatus,
    statusReason,
    config: connectionConfig,
    requests: connectionRequests,
    auth: Type.Object(
      { type: Type.String(), grant: Type.Optional(Type.String()) },
      { description: "How it authenticates. The credential is never given back." },
    ),
    credentialExpiresAt: Type.Union([Type.String({ format: "date-time" }), Type.Null()], {
      description: "When the account has to be connected again, as far as that is known.",
    }),
    createdAt: Type.String({ format: "date-time" }),
    updatedAt: Type.String({ format: "date-time" }),
  },
  { title: "Connection" },
);

import { checkManifest, type Manifest, type Problem } from "@plugboard/plugin-sdk/manifest";

/** A valid manifest, as a plugin of the Stripe kind would have it after a build. */
export const exampleManifest: Manifest = {
  $schema: "https://plugboard.dev/schemas/plugin-1.json",
  id: "acme/shop",
  version: "1.2.3",
  displayName: "Acme Shop",
  description: "Create and read customers of a shop.",
  categories: ["commerce"],
  keywords: ["shop"],
  license: "Apache-2.0",
  engines: { plugboard: "^1.0.0" },
  main: "dist/plugin.js",
  permissions: {
    network: [
      {
        hosts: ["api.acme.com", "{shop}.acme-shops.com"],
        methods: ["GET", "POST"],
        reason: "Call the Acme API",
      },
    ],
    storage: { maxBytes: 1_048_576, reason: "Remember cursors" },
    events: { publish: ["customer.*"], subscribe: ["order.created"], reason: "Tell of new customers" },
    hooks: { names: ["record.beforeWrite"], reason: "Normalise phone numbers" },
    binary: { reason: "Read images" },
  },
  auth: [
    {
      type: "apiKey",
      in: "header",
      name: "Authorization",
      format: "Bearer {key}",
      test: { request: "GET https://api.acme.com/v1/account" },
    },
    { type: "bearer" },
    { type: "basic" },
    {
      type: "oauth2",
      grant: "authorization_code",
      authorizationUrl: "https://api.acme.com/oauth/authorize",
      tokenUrl: "https://{shop}.acme-shops.com/oauth/token",
      scopes: ["read", "write:customers"],
    },
  ],
  connection: {
    config: {
      type: "object",
      properties: { shop: { type: "string", pattern: "^[a-z0-9][a-z0-9-]*$" } },
      required: ["shop"],
      additionalProperties: false,
    },
  },
  webhooks: { signature: { scheme: "stripe" }, eventId: "/id", eventType: "header:x-topic" },
  pricing: { model: "free" },
  contributes: {
    actions: {
      "create-customer": {
        title: "Create a customer",
        description: "Creates one.",
        input: {
          type: "object",
          properties: { email: { type: "string", format: "email" } },
          required: ["email"],
        },
        output: { type: "object", properties: { id: { type: "string" } } },
      },
    },
    hooks: ["install", "record.beforeWrite"],
  },
};

/** Checks the example with some top-level fields replaced; a field set to undefined is left out. */
export function problemsWith(changes: { [field: string]: unknown }): Problem[] {
  const entries = Object.entries({ ...exampleManifest, ...changes }).filter(
    ([, value]) => value !== undefined,
  );
  return checkManifest(Object.fromEntries(entries)).problems;
}

/** Code and pointer of each problem, as most tests want to see them. */
export function places(problems: Problem[]): string[] {
  return problems.map(({ code, pointer }) => `${code} ${pointer}`);
}

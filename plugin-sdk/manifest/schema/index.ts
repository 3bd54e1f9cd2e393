import { auth } from "./auth.ts";
import { connection, contributes } from "./contributes.ts";
import { permissions } from "./permissions.ts";
import { pricing } from "./pricing.ts";
import { requests } from "./requests.ts";
import { webhooks } from "./webhooks.ts";

export const manifestSchemaUrl = "https://plugboard.dev/schemas/plugin-1.json";

const link = {
  description: "an https URL, at most 500 characters",
  type: "string",
  maxLength: 500,
  pattern: '^https://[^\\s"<>\\\\^`{|}@]+$',
};

/**
 * The closed JSON Schema 2020-12 of plugin.json. It says all that a schema can say; rules/ says the rest.
 * A `description` in it completes "expected …" in the messages of {@link checkManifest}.
 */
export const manifestSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: manifestSchemaUrl,
  title: "Plugboard plugin manifest (plugin.json)",
  type: "object",
  additionalProperties: false,
  required: ["id", "version", "displayName", "description", "license", "engines", "main", "permissions"],
  properties: {
    $schema: { const: manifestSchemaUrl },
    id: {
      description: "publisher/name, each of lower-case letters, digits and dashes, starting with a letter",
      type: "string",
      pattern: "^[a-z][a-z0-9-]{1,38}/[a-z][a-z0-9-]{0,63}$",
    },
    version: {
      description: "a semantic version such as 1.0.0",
      type: "string",
      minLength: 1,
      maxLength: 100,
    },
    displayName: {
      description: "a name to show, 1 to 80 characters",
      type: "string",
      minLength: 1,
      maxLength: 80,
      pattern: "\\S",
    },
    description: {
      description: "what the plugin does, 1 to 500 characters",
      type: "string",
      minLength: 1,
      maxLength: 500,
      pattern: "\\S",
    },
    categories: {
      type: "array",
      maxItems: 5,
      uniqueItems: true,
      items: {
        description: "a category of lower-case letters, digits and dashes",
        type: "string",
        pattern: "^[a-z][a-z0-9-]{0,39}$",
      },
    },
    keywords: {
      type: "array",
      maxItems: 20,
      uniqueItems: true,
      items: { description: "a keyword of 1 to 40 characters", type: "string", minLength: 1, maxLength: 40 },
    },
    license: {
      description: "an SPDX licence expression such as Apache-2.0, or SEE LICENSE IN <file>",
      type: "string",
      minLength: 1,
      maxLength: 100,
    },
    engines: {
      description: 'the Plugboard versions it runs on, such as {"plugboard": "^1.0.0"}',
      type: "object",
      additionalProperties: false,
      required: ["plugboard"],
      properties: {
        plugboard: { description: "a semver range such as ^1.0.0", type: "string", maxLength: 100 },
      },
    },
    main: {
      description: "the path of a script inside the package, such as dist/plugin.js",
      type: "string",
      maxLength: 200,
      pattern: "\\.c?js$",
    },
    permissions,
    auth,
    connection,
    webhooks,
    requests,
    pricing,
    links: {
      description: "where a person finds more",
      type: "object",
      additionalProperties: false,
      properties: { homepage: link, documentation: link, repository: link, issues: link, support: link },
    },
    screenshots: {
      description: "pictures of the plugin at work, in the order in which its page shows them",
      type: "array",
      maxItems: 8,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["file", "caption"],
        properties: {
          file: {
            description: "a PNG or WebP image of the package, such as screenshots/customers.png",
            type: "string",
            maxLength: 100,
            pattern: "^screenshots/[a-z0-9][a-z0-9_-]*\\.(png|webp)$",
          },
          caption: {
            description: "what it shows, 1 to 200 characters, for those too who do not see it",
            type: "string",
            minLength: 1,
            maxLength: 200,
            pattern: "\\S",
          },
        },
      },
    },
    private: {
      description: "true for a plugin of one tenant, or absent",
      const: true,
    },
    contributes,
  },
};

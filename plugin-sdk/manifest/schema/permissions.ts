import { grantableHooks } from "../hook-points.ts";

const reason = {
  description: "a reason that a tenant reads before consenting, 1 to 300 characters",
  type: "string",
  minLength: 1,
  maxLength: 300,
  pattern: "\\S",
};

const eventTypes = {
  type: "array",
  maxItems: 100,
  uniqueItems: true,
  items: {
    description: "an event type such as payment.succeeded, or payment.* for all below payment",
    type: "string",
    maxLength: 100,
    pattern: "^[a-z][a-z0-9_-]*(\\.[a-z0-9][a-z0-9_-]*)*(\\.\\*)?$",
  },
};

const network = {
  type: "object",
  additionalProperties: false,
  required: ["hosts", "methods", "reason"],
  properties: {
    hosts: {
      type: "array",
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      items: {
        description:
          "a host such as api.example.com, or {shop}.example.com with shop from the connection's config",
        type: "string",
        minLength: 1,
        maxLength: 260,
      },
    },
    methods: {
      type: "array",
      minItems: 1,
      uniqueItems: true,
      maxItems: 8,
      items: {
        description: "a method of HTTP, or WEBSOCKET to open sockets",
        type: "string",
        enum: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"],
      },
    },
    paths: {
      type: "array",
      minItems: 1,
      maxItems: 200,
      uniqueItems: true,
      items: {
        description: "a path such as /v1/customers, /v1/customers/* (one segment) or /v1/** (all below)",
        type: "string",
        minLength: 1,
        maxLength: 500,
      },
    },
    credential: {
      description: "false: requests to these hosts go without the connection's credential; absent: with it",
      type: "boolean",
    },
    reason,
  },
};

export const permissions = {
  description: "what the plugin asks for; {} if nothing",
  type: "object",
  additionalProperties: false,
  properties: {
    network: { type: "array", minItems: 1, maxItems: 100, items: network },
    storage: {
      type: "object",
      additionalProperties: false,
      required: ["maxBytes", "reason"],
      properties: {
        maxBytes: {
          description: "a number of bytes, at most 67108864 (64 MiB)",
          type: "integer",
          minimum: 1,
          maximum: 64 * 1024 * 1024,
        },
        reason,
      },
    },
    events: {
      type: "object",
      additionalProperties: false,
      required: ["reason"],
      properties: { publish: eventTypes, subscribe: eventTypes, reason },
    },
    hooks: {
      type: "object",
      additionalProperties: false,
      required: ["names", "reason"],
      properties: {
        names: {
          type: "array",
          minItems: 1,
          maxItems: 50,
          uniqueItems: true,
          items: {
            description:
              "a hook that sees what other plugins do; a plugin's own install, upgrade and uninstall need no permission",
            type: "string",
            enum: grantableHooks,
          },
        },
        onFailure: {
          description: "skip: what a hook fails at goes on without it; refuse: it is stopped. Absent: skip",
          enum: ["skip", "refuse"],
        },
        reason,
      },
    },
    files: { type: "object", additionalProperties: false, required: ["reason"], properties: { reason } },
    binary: { type: "object", additionalProperties: false, required: ["reason"], properties: { reason } },
  },
};

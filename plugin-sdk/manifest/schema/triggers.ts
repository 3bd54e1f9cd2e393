import { contributedSchema, description, offerName, title } from "./contributed.ts";

const webhook = {
  type: "object",
  additionalProperties: false,
  required: ["title", "kind", "events", "output"],
  properties: {
    title,
    description,
    kind: { const: "webhook" },
    events: {
      description: "the event types that it fires on, such as payment.succeeded",
      type: "array",
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      items: {
        description: "an event type such as payment.succeeded",
        type: "string",
        maxLength: 100,
        pattern: "^[a-z][a-z0-9_-]*(\\.[a-z0-9][a-z0-9_-]*)*$",
      },
    },
    output: contributedSchema,
  },
};

const polling = {
  type: "object",
  additionalProperties: false,
  required: ["title", "kind", "output"],
  properties: {
    title,
    description,
    kind: { const: "polling" },
    intervalSeconds: {
      description: "a whole number of seconds between two polls, from 10 to 86400",
      type: "integer",
      minimum: 10,
      maximum: 86_400,
    },
    config: contributedSchema,
    output: contributedSchema,
  },
};

const stream = {
  type: "object",
  additionalProperties: false,
  required: ["title", "kind", "output"],
  properties: {
    title,
    description,
    kind: { const: "stream" },
    unauthorizedCodes: {
      type: "array",
      maxItems: 50,
      uniqueItems: true,
      items: {
        description: "a code that a WebSocket is closed with, from 3000 to 4999",
        type: "integer",
        minimum: 3000,
        maximum: 4999,
      },
    },
    config: contributedSchema,
    output: contributedSchema,
  },
};

export const triggers = {
  type: "object",
  maxProperties: 500,
  propertyNames: offerName,
  additionalProperties: {
    description: "a trigger, made with trigger()",
    type: "object",
    required: ["kind"],
    discriminator: { propertyName: "kind" },
    oneOf: [webhook, polling, stream],
  },
};

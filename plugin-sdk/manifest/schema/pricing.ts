/** Larger than any price; sums of products of these stay exact in BigInt, and each for itself in a double. */
const maxAmount = 1_000_000_000_000;
const currency = {
  description: "a currency of ISO 4217 such as EUR",
  type: "string",
  pattern: "^[A-Z]{3}$",
};
const amount = {
  description: "an amount in minor units (cents), a whole number",
  type: "integer",
  minimum: 0,
  maximum: maxAmount,
};

const meter = {
  type: "object",
  additionalProperties: false,
  required: ["name", "title", "unit", "tiers"],
  properties: {
    name: {
      description: "a name of lower-case letters, digits and dashes",
      type: "string",
      pattern: "^[a-z][a-z0-9-]{0,39}$",
    },
    title: {
      description: "what people call it",
      type: "string",
      minLength: 1,
      maxLength: 80,
      pattern: "\\S",
    },
    unit: { description: "what one of it is, such as call", type: "string", minLength: 1, maxLength: 40 },
    actions: {
      type: "array",
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      items: {
        description: "the name of a contributed action, or an operation of an entity such as customer.create",
        type: "string",
        minLength: 1,
        maxLength: 100,
      },
    },
    tiers: {
      type: "array",
      minItems: 1,
      maxItems: 20,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["amount"],
        properties: {
          upTo: {
            description: "the last unit of the tier",
            type: "integer",
            minimum: 1,
            maximum: maxAmount,
          },
          amount,
          per: {
            description: "how many units the amount is for",
            type: "integer",
            minimum: 1,
            maximum: 1_000_000_000,
          },
        },
      },
    },
  },
};

export const pricing = {
  type: "object",
  additionalProperties: false,
  required: ["model"],
  properties: {
    model: { enum: ["free", "one-time", "subscription", "usage"] },
    price: {
      type: "object",
      additionalProperties: false,
      required: ["amount", "currency"],
      properties: { amount, currency },
    },
    interval: { enum: ["month", "year"] },
    trialDays: { description: "1 to 365 days", type: "integer", minimum: 1, maximum: 365 },
    currency,
    meters: { type: "array", minItems: 1, maxItems: 20, items: meter },
  },
};

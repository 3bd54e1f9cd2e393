const count = (description: string, minimum: number, maximum: number) => ({
  description: `${description}, a whole number from ${minimum} to ${maximum}`,
  type: "integer",
  minimum,
  maximum,
});

const amount = (description: string, maximum: number) => ({
  description: `${description}, a number above 0`,
  type: "number",
  exclusiveMinimum: 0,
  maximum,
});

const closed = (required: string[], properties: object) => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
});

const pointer = "(/([^~/]|~[01])*)+";
const header = "header:[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const day = 86_400;

const hosts = {
  description: "hosts as permissions.network writes them",
  type: "array",
  minItems: 1,
  maxItems: 100,
  uniqueItems: true,
  items: { type: "string", minLength: 1, maxLength: 260 },
};

const methods = {
  type: "array",
  minItems: 1,
  maxItems: 7,
  uniqueItems: true,
  items: { type: "string", enum: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] },
};

const paths = {
  type: "array",
  minItems: 1,
  maxItems: 100,
  uniqueItems: true,
  items: {
    description: "a path such as /v1/customers, /v1/customers/* (one segment) or /v1/** (all below)",
    type: "string",
    minLength: 1,
    maxLength: 500,
  },
};

const place = {
  description: "header:<name>, or a JSON Pointer into the reply's body such as /extensions/cost/actual",
  type: "string",
  maxLength: 200,
  pattern: `^(${header}|${pointer})$`,
};

const statuses = {
  type: "array",
  maxItems: 50,
  uniqueItems: true,
  items: count("a status of HTTP", 300, 599),
};

const per = { enum: ["connection", "tenant", "plugin"] };

const reported = closed([], {
  limit: place,
  remaining: place,
  used: place,
  reset: place,
  refillPerSecond: place,
  cost: place,
  asked: place,
});

const match = { hosts, methods, paths, per };

const window = closed(["type", "requests", "seconds"], {
  type: { enum: ["sliding-window", "fixed-window"] },
  requests: count("requests", 1, 10_000_000),
  seconds: amount("seconds", 31 * day),
  reported,
  ...match,
});

const bucket = closed(["type", "capacity", "refillPerSecond"], {
  type: { const: "token-bucket" },
  capacity: amount("points", 1_000_000_000),
  refillPerSecond: amount("points", 1_000_000_000),
  cost: amount("points", 1_000_000_000),
  reported,
  ...match,
});

const concurrency = closed(["type", "requests"], {
  type: { const: "concurrency" },
  requests: count("requests at a time", 1, 10_000),
  ...match,
});

const retries = closed([], {
  most: count("attempts after the first one", 0, 10),
  backoff: { enum: ["fixed", "linear", "exponential"] },
  delayMs: count("milliseconds", 0, 600_000),
  maxDelayMs: count("milliseconds", 0, 600_000),
  jitter: { enum: ["none", "half", "full"] },
  statuses,
  // Typed, so that looking for items that are there twice takes no longer than reading them.
  failures: {
    type: "array",
    maxItems: 2,
    uniqueItems: true,
    items: { type: "string", enum: ["unreachable", "broken-off"] },
  },
  replies: {
    type: "array",
    maxItems: 20,
    items: closed([], {
      at: {
        description: "a JSON Pointer into the reply's body",
        type: "string",
        maxLength: 200,
        pattern: `^${pointer}$`,
      },
      is: {
        type: "array",
        minItems: 1,
        maxItems: 50,
        items: { type: ["string", "number"], maxLength: 200 },
      },
      statuses: { ...statuses, minItems: 1, items: count("a status of HTTP", 200, 599) },
      nothingDone: { type: "boolean" },
    }),
  },
  idempotencyKey: closed(["header"], {
    header: {
      description: "the name of a header",
      type: "string",
      maxLength: 100,
      pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
    },
    generate: { type: "boolean" },
  }),
});

const circuitBreaker = {
  description: "an object, or false for none",
  type: ["object", "boolean"],
  if: { type: "boolean" },
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
  then: { const: false },
  else: {
    additionalProperties: false,
    properties: {
      failurePercent: count("percent", 1, 100),
      minRequests: count("requests", 1, 10_000),
      windowSeconds: amount("seconds", 3600),
      openSeconds: amount("seconds", 3600),
      statuses,
    },
  },
};

/** What `requests` says in plugin.json, in the operator's settings, and of a connection. */
export const requests = {
  description: "how the host paces, repeats, keeps and gives up requests to the vendor",
  ...closed([], {
    limits: {
      type: "array",
      maxItems: 20,
      items: {
        type: "object",
        required: ["type"],
        discriminator: { propertyName: "type" },
        oneOf: [window, bucket, concurrency],
      },
    },
    graphql: closed(["paths"], { paths }),
    retries,
    circuitBreaker,
    cache: {
      type: "array",
      maxItems: 50,
      items: closed(["paths"], { hosts, paths, defaultSeconds: count("seconds", 1, 30 * day) }),
    },
  }),
};

const header = {
  description: "the name of a header",
  type: "string",
  maxLength: 100,
  pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
};

/** Schemes that need no further declaration. */
function named(scheme: string) {
  return {
    type: "object",
    additionalProperties: false,
    required: ["scheme"],
    properties: { scheme: { const: scheme } },
  };
}

const hmac = {
  type: "object",
  additionalProperties: false,
  required: ["scheme", "header", "algorithm", "encoding"],
  properties: {
    scheme: { const: "hmac" },
    header,
    algorithm: { enum: ["sha256", "sha512"] },
    encoding: { enum: ["hex", "base64"] },
    template: {
      description: "what is signed, with {body} in it",
      type: "string",
      minLength: 1,
      maxLength: 300,
    },
    prefix: { description: "what stands before the signature", type: "string", maxLength: 50 },
  },
};

const headerName = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const pointer = "(?:/(?:[^~/]|~[01])*)+";

const place = {
  description: "a JSON Pointer into the body such as /id, or header:<name>",
  type: "string",
  maxLength: 200,
  pattern: `^(?:${pointer}|header:${headerName})$`,
};

/** A handshake may be a GET, which has no body. */
const handshakePlace = {
  description: "a JSON Pointer into the body such as /challenge, header:<name> or query:<name>",
  type: "string",
  maxLength: 200,
  pattern: `^(?:${pointer}|header:${headerName}|query:[A-Za-z0-9_.-]+)$`,
};

/** Of types that no browser takes for a page; rules/webhook-replies.ts looks into what is XML. */
const acknowledge = {
  description: "what a delivery is answered",
  type: "object",
  additionalProperties: false,
  required: ["contentType", "body"],
  properties: {
    contentType: { enum: ["text/plain", "text/xml", "application/xml", "application/json"] },
    body: { description: "1 to 2,000 characters", type: "string", minLength: 1, maxLength: 2_000 },
    status: { enum: [200, 201, 202] },
  },
};

const handshake = {
  description: "how the vendor asks whether its deliveries are wanted",
  type: "object",
  additionalProperties: false,
  required: ["method", "challenge", "proof", "reply"],
  properties: {
    method: { enum: ["GET", "POST"] },
    when: {
      type: "object",
      additionalProperties: false,
      required: ["at", "equals"],
      properties: {
        at: handshakePlace,
        equals: { description: "1 to 200 characters", type: "string", minLength: 1, maxLength: 200 },
      },
    },
    challenge: handshakePlace,
    proof: {
      description: "what shows that the vendor asks; none has to be said",
      enum: ["signature", "token", "none"],
    },
    token: handshakePlace,
    reply: {
      type: "object",
      required: ["type"],
      discriminator: { propertyName: "type" },
      oneOf: [
        {
          type: "object",
          additionalProperties: false,
          required: ["type"],
          properties: { type: { const: "text" } },
        },
        {
          type: "object",
          additionalProperties: false,
          required: ["type", "fields"],
          properties: {
            type: { const: "json" },
            fields: {
              description: "1 to 5 fields, by name",
              type: "object",
              minProperties: 1,
              maxProperties: 5,
              propertyNames: { type: "string", pattern: "^[A-Za-z][A-Za-z0-9_.-]{0,63}$" },
              additionalProperties: { enum: ["challenge", "hmac-sha256-hex", "hmac-sha256-base64"] },
            },
          },
        },
      ],
    },
  },
};

export const webhooks = {
  type: "object",
  additionalProperties: false,
  required: ["signature"],
  properties: {
    signature: {
      description: "how the host verifies a delivery; there is no way to go without",
      type: "object",
      required: ["scheme"],
      discriminator: { propertyName: "scheme" },
      oneOf: [
        named("stripe"),
        named("shopify"),
        named("github"),
        named("slack"),
        named("standard"),
        named("secret-path"),
        hmac,
      ],
    },
    eventId: place,
    eventType: place,
    acknowledge,
    handshake,
  },
};

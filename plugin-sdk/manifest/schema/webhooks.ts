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

const place = {
  description: "a JSON Pointer into the body such as /id, or header:<name>",
  type: "string",
  maxLength: 200,
  pattern: "^(?:(?:/(?:[^~/]|~[01])*)+|header:[!#$%&'*+.^_`|~0-9A-Za-z-]+)$",
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
  },
};

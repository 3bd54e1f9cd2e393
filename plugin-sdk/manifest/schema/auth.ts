const base = {
  title: { type: "string", minLength: 1, maxLength: 100 },
  test: {
    description: "the call that shows whether a credential works",
    type: "object",
    additionalProperties: false,
    required: ["request"],
    properties: {
      request: {
        description: "a method and an https URL, such as GET https://api.example.com/v1/account",
        type: "string",
        maxLength: 2000,
        pattern: "^[A-Z]+ https://",
      },
    },
  },
};

const url = {
  description: "an https URL",
  type: "string",
  maxLength: 2000,
  pattern: "^https://",
};

const apiKey = {
  type: "object",
  additionalProperties: false,
  required: ["type", "in", "name"],
  properties: {
    type: { const: "apiKey" },
    in: { enum: ["header", "query"] },
    name: {
      description: "the name of the header or query parameter",
      type: "string",
      minLength: 1,
      maxLength: 100,
    },
    format: {
      description: "text with {key} in it, such as Bearer {key}",
      type: "string",
      minLength: 1,
      maxLength: 200,
    },
    ...base,
  },
};

const bearer = {
  type: "object",
  additionalProperties: false,
  required: ["type"],
  properties: { type: { const: "bearer" }, ...base },
};

const basic = {
  type: "object",
  additionalProperties: false,
  required: ["type"],
  properties: { type: { const: "basic" }, ...base },
};

const oauth2 = {
  type: "object",
  additionalProperties: false,
  required: ["type", "grant", "tokenUrl"],
  properties: {
    type: { const: "oauth2" },
    grant: { enum: ["authorization_code", "client_credentials", "jwt_bearer"] },
    authorizationUrl: url,
    tokenUrl: url,
    scopes: {
      type: "array",
      maxItems: 200,
      uniqueItems: true,
      items: {
        description:
          "a scope as RFC 6749 section 3.3 writes it: printable ASCII without spaces, quotes or backslashes",
        type: "string",
        maxLength: 300,
        pattern: "^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$",
      },
    },
    clientAuth: { enum: ["basic", "body"] },
    ...base,
  },
};

export const auth = {
  description: "the ways to authenticate at the vendor, of which a connection picks one",
  type: "array",
  maxItems: 10,
  items: {
    type: "object",
    required: ["type"],
    discriminator: { propertyName: "type" },
    oneOf: [apiKey, bearer, basic, oauth2],
  },
};

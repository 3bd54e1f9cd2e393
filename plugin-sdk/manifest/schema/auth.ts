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

const parameters = {
  description: "names and values of parameters",
  type: "object",
  maxProperties: 20,
  propertyNames: { pattern: "^[A-Za-z0-9_.\\[\\]-]{1,100}$" },
  additionalProperties: { type: "string", maxLength: 1000, pattern: "^[\\x20-\\x7e]*$" },
};

const tokenResponse = {
  description: "what to take from the token endpoint's answers",
  type: "object",
  additionalProperties: false,
  properties: {
    lifetimeSeconds: { type: "integer", minimum: 30, maximum: 31_536_000 },
    config: {
      description: "the connection's settings that the answer tells, each with the field it is in",
      type: "object",
      maxProperties: 10,
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        required: ["from"],
        properties: {
          from: { type: "string", minLength: 1, maxLength: 100 },
          match: {
            description: "texts with {value} in it, the first that fits the field gives the setting",
            type: "array",
            minItems: 1,
            maxItems: 5,
            items: { type: "string", maxLength: 300, pattern: "\\{value\\}" },
          },
        },
      },
    },
  },
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
    scopeSeparator: { enum: [" ", ","] },
    clientAuth: { enum: ["basic", "body"] },
    revocationUrl: url,
    authorizationParams: parameters,
    tokenParams: parameters,
    issuer: url,
    requireIss: { type: "boolean" },
    openid: { type: "boolean" },
    callbackParams: parameters,
    accessToken: {
      description: "the header that carries the access token, if it is not Authorization: Bearer {token}",
      type: "object",
      additionalProperties: false,
      required: ["name"],
      properties: {
        name: { type: "string", minLength: 1, maxLength: 100 },
        format: {
          description: "text with {token} in it, such as Token {token}",
          type: "string",
          minLength: 1,
          maxLength: 200,
        },
      },
    },
    tokenResponse,
    assertion: {
      description: "what the host signs to get a token (RFC 7523)",
      type: "object",
      additionalProperties: false,
      required: ["audience"],
      properties: {
        audience: { type: "string", minLength: 1, maxLength: 500 },
        algorithm: { enum: ["RS256", "PS256", "ES256", "EdDSA"] },
        lifetimeSeconds: { type: "integer", minimum: 10, maximum: 3600 },
      },
    },
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

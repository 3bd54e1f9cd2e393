import { type Static, Type } from "typebox";

/** A shorter one could not be taken out of vendors' answers without damage, nor kept from being guessed. */
const minSecretLength = 8;

/** What a header can carry (RFC 9110, 5.5): a line break or a letter beyond ASCII would be refused at the first call. */
const sendable = "^[\\x20-\\x7e]+$";

const secret = (description: string) =>
  Type.String({ minLength: minSecretLength, maxLength: 16_384, pattern: sendable, description });

const apiKey = Type.Object(
  { type: Type.Literal("apiKey"), key: secret("The vendor's API key.") },
  { additionalProperties: false, title: "ApiKeyCredential" },
);
const bearer = Type.Object(
  { type: Type.Literal("bearer"), token: secret("The vendor's bearer token.") },
  { additionalProperties: false, title: "BearerCredential" },
);
const basic = Type.Object(
  {
    type: Type.Literal("basic"),
    username: Type.String({
      maxLength: 1024,
      description: "The user's name; may not hold a colon (RFC 7617).",
    }),
    password: Type.String({ maxLength: 16_384, description: "The user's password; may be empty." }),
  },
  { additionalProperties: false, title: "BasicCredential" },
);

/** An application that is registered with the vendor. */
export const oauthClientFields = {
  clientId: Type.String({
    minLength: 1,
    maxLength: 1024,
    pattern: sendable,
    description: "As the vendor gave it.",
  }),
  clientSecret: Type.Optional(secret("As the vendor gave it. A public client has none.")),
};

export const oauthGrant = Type.Union([
  Type.Literal("authorization_code"),
  Type.Literal("client_credentials"),
  Type.Literal("jwt_bearer"),
]);

const oauth2 = Type.Object(
  {
    type: Type.Literal("oauth2"),
    grant: Type.Union(oauthGrant.anyOf, { description: "Which of the plugin's ways." }),
    client: Type.Optional(
      Type.Object(oauthClientFields, {
        additionalProperties: false,
        description:
          "The tenant's own application at the vendor. Without it: the one that the operator keeps.",
      }),
    ),
    subject: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1024,
        description:
          "Only with `jwt_bearer`: for whom a token is asked, such as a user's name at the vendor.",
      }),
    ),
    privateKey: Type.Optional(
      Type.String({
        minLength: 64,
        maxLength: 16_384,
        description:
          "Only, and always, with `jwt_bearer`: the key that the vendor knows the public half of, in PEM.",
      }),
    ),
    keyId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        pattern: sendable,
        description: "Only with `jwt_bearer`: how the vendor calls the key.",
      }),
    ),
  },
  {
    additionalProperties: false,
    title: "OAuth2Credential",
    description:
      "With `authorization_code` a person then has to agree: `POST /api/v1/connections/{id}/authorize`. The other grants need nobody.",
  },
);

/** What a tenant hands over to connect an account, per `auth` type of the manifest. Kept sealed, never given back. */
export const credentialSchema = Type.Union([apiKey, bearer, basic, oauth2]);

/** What is sent as it is. */
export type Credential = Static<typeof apiKey> | Static<typeof bearer> | Static<typeof basic>;

export type OAuth2Input = Static<typeof oauth2>;
export type CredentialInput = Credential | OAuth2Input;
export type OAuthClient = NonNullable<OAuth2Input["client"]>;
export type OAuthGrant = OAuth2Input["grant"];

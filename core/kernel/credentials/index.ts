import { type Static, Type } from "typebox";

/** A shorter one could not be taken out of vendors' answers without damage, nor kept from being guessed. */
const minSecretLength = 8;

/** What a header can carry (RFC 9110, 5.5): a line break or a letter beyond ASCII would be refused at the first call. */
const sendable = "^[\\x20-\\x7e]+$";

const secret = (description: string) =>
  Type.String({ minLength: minSecretLength, maxLength: 16_384, pattern: sendable, description });

/** What a tenant hands over to connect an account, per `auth` type of the manifest. Kept sealed, never given back. */
export const credentialSchema = Type.Union([
  Type.Object(
    { type: Type.Literal("apiKey"), key: secret("The vendor's API key.") },
    { additionalProperties: false, title: "ApiKeyCredential" },
  ),
  Type.Object(
    { type: Type.Literal("bearer"), token: secret("The vendor's bearer token.") },
    { additionalProperties: false, title: "BearerCredential" },
  ),
  Type.Object(
    {
      type: Type.Literal("basic"),
      username: Type.String({
        maxLength: 1024,
        description: "The user's name; may not hold a colon (RFC 7617).",
      }),
      password: Type.String({ maxLength: 16_384, description: "The user's password; may be empty." }),
    },
    { additionalProperties: false, title: "BasicCredential" },
  ),
]);

export type Credential = Static<typeof credentialSchema>;

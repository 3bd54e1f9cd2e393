import { Type } from "typebox";
import { pluginName, publisherName, timestamp } from "../names.ts";

export const accountId = Type.String({ pattern: "^acc_[0-9a-f]{32}$" });
export const tokenId = Type.String({ pattern: "^tok_[0-9a-f]{32}$" });

const scope = Type.Union([
  Type.Literal("read"),
  Type.Literal("publish"),
  Type.Literal("yank"),
  Type.Literal("members"),
  Type.Literal("tokens"),
]);

export const role = Type.Union([Type.Literal("owner"), Type.Literal("maintainer"), Type.Literal("viewer")]);

export const Account = Type.Object({ id: Type.String(), displayName: Type.String(), createdAt: timestamp });

export const AccountRequest = Type.Object({
  displayName: Type.String({
    minLength: 1,
    maxLength: 100,
    pattern: "^[\\p{L}\\p{N}][\\p{L}\\p{N}\\p{M} .,'_@-]*$",
  }),
});

const orNull = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

export const Token = Type.Object({
  id: Type.String(),
  name: Type.String(),
  prefix: Type.String({ description: "How it begins, to tell it from others." }),
  scopes: Type.Array(scope),
  publisher: orNull(publisherName),
  plugins: orNull(Type.Array(pluginName)),
  createdAt: timestamp,
  expiresAt: timestamp,
  lastUsedAt: orNull(timestamp),
  revokedAt: orNull(timestamp),
});

export const TokenRequest = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  scopes: Type.Array(scope, { minItems: 1, maxItems: 5, uniqueItems: true }),
  publisher: Type.Optional(publisherName),
  plugins: Type.Optional(
    Type.Array(pluginName, { minItems: 1, maxItems: 100, description: "Names below `publisher`." }),
  ),
  expiresInDays: Type.Integer({ minimum: 1, maximum: 365, default: 90 }),
});

const secret = Type.String({ description: "The token itself. Shown this once and never again." });

export const NewAccount = Type.Object({ account: Account, token: Token, secret });
export const NewToken = Type.Object({ token: Token, secret });

import { Type } from "typebox";

/** What commands need of the registry's answers; what else there is in them is passed on by `--json`. */

const text = Type.String();
const orNull = Type.Union([text, Type.Null()]);

const Finding = Type.Object({
  message: text,
  code: Type.Optional(text),
  pointer: Type.Optional(text),
  file: Type.Optional(text),
  line: Type.Optional(Type.Integer()),
});

export const Publication = Type.Object({
  id: text,
  status: Type.Enum(["validating", "scanning", "published", "rejected", "quarantined"]),
  plugin: text,
  version: text,
  problems: Type.Optional(Type.Array(Finding)),
  notes: Type.Optional(Type.Array(Finding, { description: "What the registry found and let pass." })),
  decision: Type.Optional(
    Type.Union([Type.Object({ decision: text, reason: text, by: text }), Type.Null()], {
      description: "What a person decided, where the scanners did not.",
    }),
  ),
});
export type Publication = Type.Static<typeof Publication>;

export const Publications = Type.Object({ items: Type.Array(Publication), nextCursor: orNull });

export const PublisherRecord = Type.Object({
  publisher: text,
  verified: Type.Boolean(),
  keys: Type.Array(text),
});

export const Registered = Type.Object({ publisher: text, kid: text });
export const CarriedOut = Type.Object({ seq: Type.Integer() });

const Deprecation = Type.Union([
  Type.Object({ message: text, replacement: Type.Optional(text) }),
  Type.Null(),
]);

export const SearchPage = Type.Object({
  items: Type.Array(
    Type.Object({
      id: text,
      version: text,
      displayName: text,
      description: text,
      verified: Type.Boolean(),
      pricing: Type.Optional(text),
      installs: Type.Optional(Type.Integer()),
      rating: Type.Optional(
        Type.Object({ mean: Type.Union([Type.Number(), Type.Null()]), count: Type.Integer() }),
      ),
      deprecated: Type.Optional(Deprecation),
    }),
  ),
  nextCursor: orNull,
  total: Type.Optional(Type.Integer()),
  facets: Type.Optional(Type.Record(text, Type.Array(Type.Object({ value: text, count: Type.Integer() })))),
});

const Block = Type.Union([Type.Object({ reason: text }), Type.Null()]);

export const Listing = Type.Object({
  id: text,
  publisher: text,
  verified: Type.Boolean(),
  version: text,
  displayName: text,
  description: text,
  license: text,
  pricing: text,
  installs: Type.Integer(),
  rating: Type.Object({ mean: Type.Union([Type.Number(), Type.Null()]), count: Type.Integer() }),
  categories: Type.Array(text),
  links: Type.Record(text, Type.Unknown()),
  versions: Type.Array(
    Type.Object({
      version: text,
      publishedAt: text,
      size: Type.Integer(),
      yanked: Type.Boolean(),
      deprecated: Deprecation,
      blocked: Block,
    }),
  ),
});
export type Listing = Type.Static<typeof Listing>;

export const Version = Type.Object({
  plugin: text,
  version: text,
  seq: Type.Integer(),
  publishedAt: text,
  manifest: Type.Record(text, Type.Unknown()),
  consent: text,
  size: Type.Integer(),
  sha512: text,
  yanked: Type.Boolean(),
  deprecated: Deprecation,
  blocked: Block,
});

export const Signatures = Type.Object({
  publisher: text,
  registry: text,
  delegation: text,
  proof: Type.Object({ checkpoint: text }),
});

export const Root = Type.Object({ version: Type.Integer(), signatures: Type.Array(text) });
export const SignedCheckpoint = Type.Object({ checkpoint: text });
export const Revocations = Type.Object({
  blocked: Type.Array(Type.Unknown()),
  keys: Type.Array(Type.Unknown()),
});

export const Account = Type.Object({ id: text, displayName: text, createdAt: text });
export type Account = Type.Static<typeof Account>;

const Token = Type.Object({
  id: text,
  name: text,
  prefix: text,
  scopes: Type.Array(text),
  publisher: orNull,
  plugins: Type.Union([Type.Array(text), Type.Null()]),
  createdAt: text,
  expiresAt: text,
  lastUsedAt: orNull,
  revokedAt: orNull,
});

export const Tokens = Type.Object({ items: Type.Array(Token), nextCursor: orNull });
export const NewAccount = Type.Object({ account: Account, token: Token, secret: text });
export const NewToken = Type.Object({ token: Token, secret: text });

export const Member = Type.Object({ accountId: text, displayName: text, role: text, createdAt: text });
export const Members = Type.Object({ items: Type.Array(Member) });

export const Audit = Type.Object({
  items: Type.Array(Type.Object({ actor: text, action: text, at: text, details: Type.Unknown() })),
  nextCursor: orNull,
});

export const Transfer = Type.Object({
  id: text,
  publisher: text,
  from: text,
  to: text,
  status: text,
  expiresAt: text,
});
export type Transfer = Type.Static<typeof Transfer>;
export const Transfers = Type.Object({ items: Type.Array(Transfer) });

export const Review = Type.Object({
  id: text,
  version: text,
  rating: Type.Integer(),
  title: text,
  body: text,
  authorName: orNull,
  createdAt: text,
  reply: Type.Union([Type.Object({ body: text }), Type.Null()]),
});
export type Review = Type.Static<typeof Review>;
export const Reviews = Type.Object({ items: Type.Array(Review), nextCursor: orNull });

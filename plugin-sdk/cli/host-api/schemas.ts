import { Type } from "typebox";

/** What commands need of a host's answers; what else there is in them is passed on by `--json`. */

const text = Type.String();
const orNull = Type.Union([text, Type.Null()]);

export const Install = Type.Object({
  id: text,
  plugin: text,
  version: text,
  status: text,
  channel: Type.Optional(text),
  quarantine: Type.Optional(Type.Union([Type.Object({ reason: text }), Type.Null()])),
  blocked: Type.Optional(Type.Union([Type.Object({ reason: text }), Type.Null()])),
  update: Type.Optional(Type.Union([Type.Object({ version: text }), Type.Null()])),
  warnings: Type.Optional(Type.Array(Type.Object({ code: text, message: text }))),
});
export type Install = Type.Static<typeof Install>;

export const Installs = Type.Object({ items: Type.Array(Install), nextCursor: orNull });

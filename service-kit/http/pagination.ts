import { type Static, type TSchema, Type } from "typebox";
import { Check } from "typebox/value";
import { httpErrors } from "./http-errors.ts";

const maxLimit = 100;
const defaultLimit = 50;

/** The query parameters of every list. Spread them beside filters: `Type.Object({ ...pageQuery, q: … })`. */
export const pageQuery = {
  limit: Type.Integer({
    minimum: 1,
    maximum: maxLimit,
    default: defaultLimit,
    description: "How many items to return at most.",
  }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: "The `nextCursor` of the page before." }),
  ),
};

/** The schema of one page of a list. */
export function page<Item extends TSchema>(items: Item) {
  return Type.Object({
    items: Type.Array(items),
    nextCursor: Type.Union([Type.String(), Type.Null()], {
      description: "Send it as `cursor` to get the next page; null on the last one.",
    }),
  });
}

/** A page of a list. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** Where a page ended, as opaque text. The client may read it, so it holds no secret; it may change it, so it is checked when it comes back. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position), "utf8").toString("base64url");
}

/**
 * Reads a cursor back.
 *
 * @param schema what a position of this list looks like.
 * @throws PlugboardError `invalid-request` if it is not one of this list.
 */
export function decodeCursor<Schema extends TSchema>(cursor: string, schema: Schema): Static<Schema> {
  let position: unknown;
  try {
    position = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    position = undefined;
  }
  if (!Check(schema, position) || JSON.stringify(position).includes("\\u0000")) {
    throw httpErrors.error(
      "invalid-request",
      "The cursor is not one of this list. Start again without a cursor.",
      {
        problems: [{ in: "query", pointer: "/cursor", message: "must be the nextCursor of the page before" }],
      },
    );
  }
  return position;
}

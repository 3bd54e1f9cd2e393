import { type TSchema, Type } from "typebox";

/** A page of a list, as the client reads it. */
export function pageOf<Item extends TSchema>(item: Item) {
  return Type.Object({ items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) });
}

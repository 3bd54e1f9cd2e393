import { type TSchema, Type } from "./type.ts";

/** How many items callers of a list are given. */
export interface PageLimits {
  /** Where they do not say. Default 100, or `maxLimit` if that is less. */
  defaultLimit?: number;
  /** At most. Default 1,000, which is what a host asks an entity for at most. */
  maxLimit?: number;
}

/** How many items are asked for where callers do not say. @throws {TypeError} when that is more than there may be */
export function limitOf({ maxLimit = 1_000, defaultLimit = Math.min(100, maxLimit) }: PageLimits): number {
  if (defaultLimit < 1 || defaultLimit > maxLimit)
    throw new TypeError(`defaultLimit is ${defaultLimit}; expected 1 to ${maxLimit}, which is maxLimit.`);
  return defaultLimit;
}

/**
 * The fields by which the input of an action asks for a page: `limit` and `cursor`, both optional.
 *
 * @throws {TypeError} when `defaultLimit` is more than `maxLimit`
 * @example
 * input: Type.Object({ orderId: Type.String(), ...pageInput({ defaultLimit: 20, maxLimit: 100 }) }),
 */
export const pageInput = (limits: PageLimits = {}) => ({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: limits.maxLimit ?? 1_000, default: limitOf(limits) }),
  ),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2_048, description: "nextCursor of the page before" }),
  ),
});

/**
 * The schema of a {@link Page} of such items, as the output of an action.
 *
 * @example
 * output: pageOf(Type.Object({ id: Type.String() })),
 */
export const pageOf = <Item extends TSchema>(item: Item) =>
  Type.Object(
    { items: Type.Array(item), nextCursor: Type.Nullable(Type.String()) },
    { additionalProperties: false },
  );

import { invalidRequest, noSuchResource } from "../../errors.ts";
import type { Params, ParamTable } from "../../params/kinds.ts";
import { text } from "../../params/kinds.ts";

/** https://docs.stripe.com/api/pagination */
export const pageParams: ParamTable = {
  limit: { kind: "integer", min: 1, max: 100 },
  starting_after: text(255),
  ending_before: text(255),
};

export interface StripeList<T> {
  object: "list";
  data: T[];
  has_more: boolean;
  url: string;
}

/** A list within a record, with all that is in it. */
export const listOf = <T>(url: string, data: T[]): StripeList<T> => ({
  object: "list",
  data,
  has_more: false,
  url,
});

/**
 * One page of `all` (newest first): after `starting_after`, or the ones just before `ending_before`.
 *
 * @throws {StripeApiError} 400 when both cursors are given, or a cursor names nothing in this account
 */
export function pageOf<T extends { id: string }>(
  all: readonly T[],
  params: Params,
  list: { resource: string; url: string },
): StripeList<T> {
  const limit = typeof params.limit === "number" ? params.limit : 10;
  const after = params.starting_after;
  const before = params.ending_before;
  if (typeof after === "string" && typeof before === "string")
    throw invalidRequest(
      400,
      "parameters_exclusive",
      "You may only specify one of these parameters: starting_after, ending_before.",
      "starting_after",
    );
  const positionOf = (id: string, param: string) => {
    const position = all.findIndex((entry) => entry.id === id);
    if (position === -1) throw noSuchResource(list.resource, id, param);
    return position;
  };

  let start = 0;
  let end = Math.min(limit, all.length);
  let hasMore = end < all.length;
  if (typeof after === "string") {
    start = positionOf(after, "starting_after") + 1;
    end = Math.min(start + limit, all.length);
    hasMore = end < all.length;
  } else if (typeof before === "string") {
    end = positionOf(before, "ending_before");
    start = Math.max(0, end - limit);
    hasMore = start > 0;
  }
  return { object: "list", data: all.slice(start, end), has_more: hasMore, url: list.url };
}

import { GraphQLError } from "graphql";
import type { ResolverContext } from "../graphql/execute.ts";
import { allOf, connectionOf, type PageArguments } from "./page.ts";
import { type SearchFields, search } from "./search.ts";

export interface ListArguments extends PageArguments {
  query?: string | null;
  sortKey?: string;
  savedSearchId?: string | null;
}

interface Row {
  id: string;
  createdAt: string;
  updatedAt: string;
}

/** How a kind of record is found and put in order. */
export interface Listing<Item> {
  fields: SearchFields<Item>;
  /** What words are looked for in. */
  text(item: Item): string;
  /** Besides ID, CREATED_AT and UPDATED_AT. */
  sortKeys?: { [key: string]: (item: Item) => string };
}

/** What `fields` of every resource have. */
const common: SearchFields<Row> = {
  id: ({ id }) => numberIn(id),
  created_at: ({ createdAt }) => createdAt,
  updated_at: ({ updatedAt }) => updatedAt,
};
const commonKeys: { [key: string]: (row: Row) => string } = {
  ID: () => "",
  CREATED_AT: ({ createdAt }) => createdAt,
  UPDATED_AT: ({ updatedAt }) => updatedAt,
};

/** Those that a search finds. */
export function find<Item extends Row>(
  all: Iterable<Item>,
  { query, savedSearchId }: ListArguments,
  { fields, text }: Listing<Item>,
): readonly Item[] {
  if (savedSearchId) throw new GraphQLError("The simulator has no saved searches.");
  return search([...all], query, { ...common, ...fields }, text);
}

/** One page of what a search finds, in the order that is asked for; of a bulk query all of it. */
export function listed<Item extends Row>(
  all: Iterable<Item>,
  args: ListArguments,
  listing: Listing<Item>,
  { isBulk }: ResolverContext,
) {
  const { sortKey = "ID" } = args;
  const read = listing.sortKeys?.[sortKey] ?? commonKeys[sortKey];
  if (!read) throw new GraphQLError(`The simulator does not sort by ${sortKey}.`);
  // Equal ones stay in the order of their ids.
  const found = find(all, args, listing).toSorted((a, b) =>
    read(a) < read(b) ? -1 : read(a) > read(b) ? 1 : 0,
  );
  return isBulk ? allOf(found) : connectionOf(found, args);
}

/** `1` of `gid://shopify/Product/1`. */
export function numberIn(id: string): string {
  return /\/(\d+)(?:\?|$)/.exec(id)?.[1] ?? "";
}

import { GraphQLError } from "graphql";

/** The arguments of every connection. */
export interface PageArguments {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
  reverse?: boolean | null;
}

/** https://shopify.dev/docs/api/usage/pagination-graphql */
const maxPage = 250;

/**
 * One page of `all` as a connection.
 *
 * @throws {GraphQLError} BAD_USER_INPUT for what Shopify refuses
 */
export function connectionOf<Item extends { id: string }>(
  all: readonly Item[],
  page: PageArguments,
  mostItems = maxPage,
) {
  const { first, last, after, before } = page;
  if ((first ?? undefined) === undefined && (last ?? undefined) === undefined)
    throw refuse("you must provide one of first or last");
  if (typeof first === "number" && typeof last === "number")
    throw refuse("providing both first and last is not supported");
  const limit = first ?? last ?? 0;
  if (limit < 0 || limit > mostItems)
    throw refuse(`${first === undefined ? "last" : "first"} cannot exceed ${maxPage}`);

  const ordered = page.reverse ? [...all].reverse() : all;
  const start = after ? positionOf(ordered, after) + 1 : 0;
  const end = before ? positionOf(ordered, before) : ordered.length;
  const within = ordered.slice(start, end);
  const items = typeof first === "number" ? within.slice(0, limit) : within.slice(-limit || within.length);
  const isCut = items.length < within.length;
  const edges = items.map((node) => ({ cursor: toCursor(node.id), node }));
  return {
    edges,
    nodes: items,
    pageInfo: {
      hasNextPage: typeof first === "number" ? isCut || end < ordered.length : end < ordered.length,
      hasPreviousPage: typeof first === "number" ? start > 0 : isCut || start > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** All of them, as bulk queries get them, whatever page they ask for. */
export function allOf<Item extends { id: string }>(all: readonly Item[]) {
  return connectionOf(all, { first: all.length }, Number.POSITIVE_INFINITY);
}

/** Clients must not read anything out of it. */
const toCursor = (id: string): string => Buffer.from(JSON.stringify({ last_id: id })).toString("base64");

function positionOf(all: readonly { id: string }[], cursor: string): number {
  const position = all.findIndex(({ id }) => toCursor(id) === cursor);
  if (position === -1) throw refuse(`Invalid cursor for current pagination sort.`);
  return position;
}

function refuse(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });
}

import type { Page } from "../entity.ts";
import { PluginError } from "../plugin-error.ts";

/**
 * All items of a list, page after page, for vendors that hand out a cursor. A page that is followed by itself ends it
 * with an error, rather than never.
 *
 * @param fetchPage gets null for the first page, then each page's `nextCursor`
 * @example
 * for await (const row of paginate((cursor) => listRows({ cursor }))) total += row.amount;
 */
export async function* paginate<Item>(
  fetchPage: (cursor: string | null) => Promise<Page<Item>> | Page<Item>,
): AsyncGenerator<Item, void, undefined> {
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await fetchPage(cursor);
    yield* page.items;
    if (page.nextCursor !== null && page.nextCursor === cursor)
      throw new PluginError("vendor-error", "The vendor's next page is the page that it has just sent.");
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** What of a call asks for a page; `limit` is what the host wants at most. */
export interface PageWish {
  cursor: string | null;
  limit: number;
}

/**
 * One page of a list with numbered pages. There is a next one when the vendor says so (`hasMore`), or else when this one
 * is full.
 *
 * @example
 * list: ({ cursor, limit, fetch }) =>
 *   pageByNumber({ cursor, limit }, async (page) => {
 *     const url = withQuery("https://api.example.com/items", { page, per_page: limit });
 *     return { items: await requestJson<Item[]>(fetch, url) };
 *   }),
 */
export async function pageByNumber<Item>(
  { cursor, limit, first = 1 }: PageWish & { first?: number },
  fetchPage: (page: number, limit: number) => Promise<{ items: Item[]; hasMore?: boolean | undefined }>,
): Promise<Page<Item>> {
  const page = numberOf(cursor, first);
  const { items, hasMore = items.length >= limit } = await fetchPage(page, limit);
  return { items, nextCursor: hasMore ? String(page + 1) : null };
}

/**
 * One page of a list with an offset. There is a next one when fewer than `total` were given by then, or, without a
 * `total`, when this one is full.
 *
 * @example
 * list: ({ cursor, limit, fetch }) =>
 *   pageByOffset({ cursor, limit }, async (skip) => {
 *     const { rows, count } = await requestJson<Rows>(fetch, withQuery(url, { skip, take: limit }));
 *     return { items: rows, total: count };
 *   }),
 */
export async function pageByOffset<Item>(
  { cursor, limit }: PageWish,
  fetchPage: (offset: number, limit: number) => Promise<{ items: Item[]; total?: number | undefined }>,
): Promise<Page<Item>> {
  const offset = numberOf(cursor, 0);
  const { items, total } = await fetchPage(offset, limit);
  const end = offset + items.length;
  const hasMore = items.length > 0 && (total === undefined ? items.length >= limit : end < total);
  return { items, nextCursor: hasMore ? String(end) : null };
}

/**
 * One page of a list whose replies name the next page in a `Link` header (RFC 8288), as GitHub's do. Of the link only
 * what follows the origin is kept, so that a page never leads to another host.
 *
 * @param firstUrl the URL of the first page
 * @param fetchPage gets the URL of the page that is wanted, and answers the reply with its items
 * @example
 * list: ({ cursor, limit, fetch }) =>
 *   pageByLink({ cursor }, withQuery("https://api.example.com/items", { per_page: limit }), async (url) => {
 *     const response = await sendRequest(fetch, url);
 *     return { response, items: await readJson<Item[]>(response) };
 *   }),
 */
export async function pageByLink<Item>(
  { cursor }: Pick<PageWish, "cursor">,
  firstUrl: string,
  fetchPage: (url: string) => Promise<{ response: Pick<Response, "headers">; items: Item[] }>,
): Promise<Page<Item>> {
  const { origin } = new URL(firstUrl);
  const url = cursor === null ? new URL(firstUrl) : new URL(cursor, origin);
  if (url.origin !== origin) throw notOfThisList(cursor);
  const { response, items } = await fetchPage(url.href);
  const next = nextLink(response.headers.get("link"));
  if (next === undefined) return { items, nextCursor: null };
  const nextUrl = new URL(next, url);
  if (nextUrl.origin !== origin)
    throw new PluginError("vendor-error", "The vendor's next page is on another host.");
  return { items, nextCursor: nextUrl.pathname + nextUrl.search };
}

function nextLink(header: string | null): string | undefined {
  for (const [, target, parameters = ""] of (header ?? "").matchAll(/<([^<>]*)>([^<]*)/g))
    if (/;\s*rel\s*=\s*(?:next\b|"(?:[^"]*\s)?next(?:\s[^"]*)?")/i.test(parameters)) return target;
  return undefined;
}

function numberOf(cursor: string | null, first: number): number {
  if (cursor === null) return first;
  const number = Number(cursor);
  if (!Number.isSafeInteger(number) || number < first) throw notOfThisList(cursor);
  return number;
}

function notOfThisList(cursor: string | null): PluginError {
  return new PluginError("invalid-input", `The cursor ${JSON.stringify(cursor)} is none of this list.`);
}

import { type Shape, unnamed } from "../schema/index.ts";
import type { ReadAction } from "./read-actions.ts";

/** How the next page of a list is asked for; `input` names are properties of the list's input. */
export type Paging = { limit: { input: string; max: number | undefined } | undefined } & (
  | { style: "none" }
  /** The answer has the next page's cursor. */
  | { style: "cursor"; input: string; next: string[] }
  /** The cursor is the key of the last record; the answer says whether there are more. */
  | { style: "last-key"; input: string; more: string }
  /** Pages are counted; the first is 1, or what the description says. */
  | { style: "page"; input: string; first: number }
  | { style: "offset"; input: string }
  /** The header `Link` has the next page's URL, and in it the parameter. */
  | { style: "link"; input: string }
);

const limitNames = [
  "limit",
  "per_page",
  "perPage",
  "page_size",
  "pageSize",
  "PageSize",
  "max_results",
  "maxResults",
  "count",
  "size",
  "$top",
  "top",
  "first",
];
const cursorNames = [
  "cursor",
  "page_token",
  "pageToken",
  "PageToken",
  "next_token",
  "nextToken",
  "next_cursor",
  "continuation_token",
  "continuationToken",
  "marker",
  "after",
  "page_cursor",
  "start_cursor",
];
const nextNames = [
  "next_cursor",
  "nextCursor",
  "next_page_token",
  "nextPageToken",
  "next_token",
  "nextToken",
  "next_marker",
  "nextMarker",
  "continuation_token",
  "continuationToken",
  "end_cursor",
  "endCursor",
  "after",
  "cursor",
  "next",
];
const envelopes = [
  "meta",
  "metadata",
  "pagination",
  "paging",
  "page_info",
  "pageInfo",
  "response_metadata",
  "cursors",
];
const pageNames = ["page", "page_number", "pageNumber", "Page"];
const offsetNames = ["offset", "skip", "$skip", "start"];
const moreNames = ["has_more", "hasMore"];

/** Recognises how a list is paged, by the names of its parameters and of what its answer has beside the records. */
export function findPaging(list: ReadAction, items: string | undefined): Paging {
  const query = list.query.map((one) => one.input);
  const first = (names: string[]) => names.find((name) => query.includes(name));
  const limitName = first(limitNames);
  const limit =
    limitName === undefined ? undefined : { input: limitName, max: numberOf(list, limitName, "maximum") };
  const answer = items === undefined ? undefined : unnamed(list.output);

  const cursor = first(cursorNames);
  const next = answer ? findNext(answer) : undefined;
  if (cursor !== undefined && next) return { style: "cursor", input: cursor, next, limit };
  const more =
    answer?.kind === "object"
      ? moreNames.find((name) => answer.properties.some((one) => one.name === name))
      : undefined;
  const after = first(["starting_after", "after_id", "startingAfter"]);
  if (after !== undefined && more !== undefined) return { style: "last-key", input: after, more, limit };
  const page = first(pageNames);
  if (list.answerHeaders.includes("link") && (cursor ?? page) !== undefined)
    return { style: "link", input: cursor ?? page ?? "", limit };
  if (page !== undefined) return { style: "page", input: page, first: startOf(list, page), limit };
  const offset = first(offsetNames);
  if (offset !== undefined) return { style: "offset", input: offset, limit };
  return { style: "none", limit };
}

/** Where the answer has the next cursor: by itself, or in what it says about the page. */
function findNext(answer: Shape): string[] | undefined {
  if (answer.kind !== "object") return undefined;
  const isText = (shape: Shape): boolean => {
    const own = unnamed(shape);
    if (own.kind === "union") return own.members.some(isText);
    return own.kind === "scalar" && own.type === "string";
  };
  const named = (object: Shape) =>
    object.kind === "object"
      ? nextNames.find((name) => object.properties.some((one) => one.name === name && isText(one.shape)))
      : undefined;
  const own = named(answer);
  if (own !== undefined) return [own];
  for (const name of envelopes) {
    const shape = answer.properties.find((one) => one.name === name)?.shape;
    const inner = shape ? named(unnamed(shape)) : undefined;
    if (inner !== undefined) return [name, inner];
  }
  return undefined;
}

function numberOf(list: ReadAction, input: string, keyword: string): number | undefined {
  const shape = list.input.properties.find(({ name }) => name === input)?.shape;
  const value = shape?.options[keyword];
  return typeof value === "number" ? value : undefined;
}

function startOf(list: ReadAction, input: string): number {
  return numberOf(list, input, "minimum") === 0 || numberOf(list, input, "default") === 0 ? 0 : 1;
}

import type { ReplyMatch, RequestPath } from "../manifest/index.ts";

// Whether what a plugin did may have changed something: what hosts, and an author's test host, must judge alike.

/** Of a request, what tells whether it changes something. */
export interface JudgedRequest {
  method: string;
  path: RequestPath;
  body: Uint8Array | null;
}

/** Of a reply, what tells whether it refuses. */
export interface JudgedReply {
  response: { status: number };
  /** The text or number at a JSON Pointer (RFC 6901) into the body. */
  at(pointer: string): string | number | undefined;
  /** Whether the body is an object of JSON without this member. */
  lacks(member: string): boolean;
}

/** What is declared of requests and replies. */
export interface Judgement {
  graphqlPaths: readonly string[];
  retries: { replies: readonly ReplyMatch[] };
}

/** Methods that change nothing at the vendor (RFC 9110, section 9.2.1). */
const safeMethods = ["GET", "HEAD", "OPTIONS"];

/** Members that say what is run; a stored operation, under whatever name, may be a mutation. */
const members = ["query", "variables", "operationName", "extensions"];
const largestDocument = 256 * 1024;

/**
 * Of the statuses that refuse, those after which something may be done all the same: what was asked for was carried out and
 * failed, such as a payment that stays with the vendor (402, https://docs.stripe.com/api/errors); the vendor gave up on what it
 * may have begun with (408, RFC 9110, 15.5.9); something else failed, perhaps in the middle (424, RFC 4918, 11.4).
 */
const mayHaveBegun = [402, 408, 424];

/** What a host hands to plugins besides `fetch`: of these functions, those that change nothing. */
export const readingFunctions: readonly string[] = [
  ...["storage.get", "storage.entry", "storage.list", "storage.usage"],
  // A file is not there before it is finished; what `files.fetch` does is its request's to tell.
  ...["files.get", "files.read", "files.lines", "files.create", "files.append", "files.fetch"],
];

/** Whether a method changes nothing. What a POST is, only the whole request tells. */
export const isSafe = (method: unknown): boolean => safeMethods.includes(String(method));

/** Whether a request changes nothing at the vendor. */
export function isReading(
  request: JudgedRequest,
  { graphqlPaths }: Pick<Judgement, "graphqlPaths">,
): boolean {
  return isSafe(request.method) || isGraphqlRead(request, graphqlPaths);
}

export function isGraphql(
  { method, path }: Pick<JudgedRequest, "method" | "path">,
  paths: readonly string[],
): boolean {
  return method === "POST" && paths.some((pattern) => path.fits(pattern));
}

/** A document in which the word never stands has no mutation: names and keywords have no escapes in GraphQL. */
export function isGraphqlRead(request: JudgedRequest, paths: readonly string[]): boolean {
  const { body } = request;
  if (!body || body.byteLength > largestDocument || !isGraphql(request, paths)) return false;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString());
  } catch {
    return false;
  }
  const operations = Array.isArray(parsed) ? parsed : [parsed];
  return operations.length > 0 && operations.every(isReadOnly);
}

function isReadOnly(operation: unknown): boolean {
  if (typeof operation !== "object" || operation === null) return false;
  if (!Object.keys(operation).every((name) => members.includes(name))) return false;
  const { query } = operation as { query?: unknown };
  return typeof query === "string" && query !== "" && !/mutation|subscription/.test(query);
}

/** Whether a reply is one that was declared. */
export function fitsReply({ at, is = [], statuses }: ReplyMatch, reply: JudgedReply): boolean {
  if (statuses && !statuses.includes(reply.response.status)) return false;
  if (at === undefined) return statuses !== undefined;
  const found = reply.at(at);
  return is.some((value) => value === found);
}

/**
 * Whether the vendor refused all of what was asked for, as its author says that it does. At a GraphQL endpoint what has `data`
 * was executed, if not as a whole: an error in it may speak of one of several changes (GraphQL, 7.1).
 */
export function saysNothingDone(
  reply: JudgedReply,
  request: JudgedRequest,
  { retries, graphqlPaths }: Judgement,
): boolean {
  return retries.replies.some(
    (match) =>
      match.nothingDone === true &&
      fitsReply(match, reply) &&
      (match.at === undefined || !isGraphql(request, graphqlPaths) || reply.lacks("data")),
  );
}

/**
 * By what it is known of a request that it changed nothing: by its author's word on such replies, or by no more than a status
 * (RFC 9110, 15.5), of which the code that reads the reply may say otherwise.
 */
export type Refusal = "nothing-done" | "status";

/** @returns undefined where the vendor did not refuse the request as far as anybody can tell */
export function refusalOf(
  reply: JudgedReply,
  request: JudgedRequest,
  judgement: Judgement,
): Refusal | undefined {
  if (saysNothingDone(reply, request, judgement)) return "nothing-done";
  const { status } = reply.response;
  return status >= 400 && status < 500 && !mayHaveBegun.includes(status) ? "status" : undefined;
}

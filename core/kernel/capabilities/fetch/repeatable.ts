import { randomUUID } from "node:crypto";
import type { RequestPolicy } from "./policy.ts";
import type { PluginRequest } from "./types.ts";

/** RFC 9110, section 9.2.1 and 9.2.2. */
const safeMethods = ["GET", "HEAD", "OPTIONS"];
const idempotentMethods = ["PUT", "DELETE"];

/** Whether a request that changes something may be sent twice without doing twice what it asks for. */
export function isRepeatable(request: PluginRequest, policy: RequestPolicy): boolean {
  return idempotentMethods.includes(request.method) || hasKnownKey(request, policy);
}

/** Whether a request changes nothing at the vendor. */
export function isReading(request: PluginRequest, { graphqlPaths }: RequestPolicy): boolean {
  return safeMethods.includes(request.method) || isGraphqlRead(request, graphqlPaths);
}

/** A key counts only where it was declared that the vendor knows a write by it: others take it for any odd header. */
function hasKnownKey({ headers }: PluginRequest, { retries: { idempotencyKey } }: RequestPolicy): boolean {
  const key = idempotencyKey?.header.toLowerCase();
  return headers.some(([name, value]) => name === key && value !== "");
}

/** Gives a write the key by which the vendor knows it again, where the author wants the host to. */
export function withIdempotencyKey(request: PluginRequest, { retries }: RequestPolicy): PluginRequest {
  const { idempotencyKey } = retries;
  if (!idempotencyKey?.generate || !["POST", "PATCH"].includes(request.method)) return request;
  const name = idempotencyKey.header.toLowerCase();
  if (request.headers.some(([known]) => known === name)) return request;
  return { ...request, headers: [...request.headers, [name, randomUUID()]] };
}

/** Members that say what is run; a stored operation, under whatever name, may be a mutation. */
const members = ["query", "variables", "operationName", "extensions"];
const largestDocument = 256 * 1024;

export function isGraphql({ method, path }: PluginRequest, paths: readonly string[]): boolean {
  return method === "POST" && paths.some((pattern) => path.fits(pattern));
}

/** A document in which the word never stands has no mutation: names and keywords have no escapes in GraphQL. */
export function isGraphqlRead(request: PluginRequest, paths: readonly string[]): boolean {
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

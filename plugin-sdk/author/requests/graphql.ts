import type { Json } from "../context.ts";
import { PluginError, type PluginErrorCode } from "../plugin-error.ts";
import { type RequestJsonOptions, readJson, sendRequest } from "./request-json.ts";

/** What {@link graphql} sends. */
export interface GraphqlRequest
  extends Pick<RequestJsonOptions, "headers" | "idempotencyKey" | "signal" | "error"> {
  query: string;
  variables?: { [name: string]: unknown };
  operationName?: string;
}

/** An error as GraphQL writes it; `extensions.code` is what servers agree on. */
export interface GraphqlError {
  message: string;
  path?: (string | number)[];
  extensions?: { code?: string; [name: string]: Json | undefined };
}

/**
 * Sends a GraphQL document and answers its `data`.
 *
 * @throws PluginError as `requestJson` does, and when the reply has `errors`: by the first one's `extensions.code`, and
 *   `vendor-error` where that says nothing; `details.errors` has them all. A mutation that was carried out all the same is a
 *   `vendor-error` with its `details.data`, whatever the code, so that nobody sends it again
 * @example
 * const { shop } = await graphql<{ shop: { name: string } }>(fetch, url, { query: "{ shop { name } }" });
 */
export async function graphql<Data = { [field: string]: Json }>(
  fetch: typeof globalThis.fetch,
  url: string,
  { query, variables, operationName, ...options }: GraphqlRequest,
): Promise<Data> {
  const json = { query, ...(variables && { variables }), ...(operationName && { operationName }) };
  const response = await sendRequest(fetch, url, { ...options, method: "POST", json });
  const reply = await readJson<{ data?: Data | null; errors?: GraphqlError[] } | null>(response);
  const errors = reply?.errors ?? [];
  const [first] = errors;
  if (first) {
    const details = {
      errors: errors.map(({ message, path, extensions }) => ({ message, path, code: extensions?.code })),
    };
    const data = reply?.data;
    if (data && isMutation(query) && Object.values(data).some((answer) => answer !== null))
      throw new PluginError(
        "vendor-error",
        `The change was made, at least in part; not all of the answer may be read: ${first.message}`,
        { details: { ...details, data } },
      );
    throw new PluginError(codeOf(first.extensions?.code), first.message, { details });
  }
  if (!reply?.data) throw new PluginError("vendor-error", "The vendor's reply has neither data nor errors.");
  return reply.data;
}

/** Comments and fragments may stand before it. */
const isMutation = (query: string): boolean => /(?:^|\})\s*mutation\b/.test(query.replace(/#.*/g, ""));

/** The codes that Apollo, GitHub, Shopify and others use for the same. */
const codes: [RegExp, PluginErrorCode][] = [
  [/THROTTLED|RATE_?LIMIT/i, "rate-limited"],
  [/UNAUTHENTICATED|UNAUTHORIZED/i, "unauthorized"],
  [/FORBIDDEN|ACCESS_DENIED/i, "forbidden"],
  [/NOT_FOUND/i, "not-found"],
  [/BAD_USER_INPUT|VALIDATION|PARSE_FAILED|INVALID/i, "invalid-input"],
  [/CONFLICT/i, "conflict"],
  [/INTERNAL|TIMEOUT|UNAVAILABLE/i, "vendor-unavailable"],
];

function codeOf(code: string | undefined): PluginErrorCode {
  return codes.find(([pattern]) => code !== undefined && pattern.test(code))?.[1] ?? "vendor-error";
}

import { graphql, Type } from "@plugboard/plugin-sdk";

export const Product = Type.Object({ id: Type.String(), name: Type.String() });

/**
 * Sends a document and answers its data; the API's errors become errors that the host knows. There is no token here:
 * the host adds it to the request on its way out.
 */
export function ask<Data>(
  fetch: typeof globalThis.fetch,
  query: string,
  variables: { [name: string]: unknown },
): Promise<Data> {
  return graphql<Data>(fetch, "https://__API_HOST__/graphql", { query, variables });
}

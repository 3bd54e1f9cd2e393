import { createClient } from "../../http/index.ts";
import { accountsOf } from "./accounts.ts";
import { catalogOf } from "./catalog.ts";
import { publishingOf } from "./publishing.ts";

export type { TokenRequest } from "./accounts.ts";
export type { SearchQuery } from "./catalog.ts";
export type { Account, Listing, Publication, Review, Transfer } from "./schemas.ts";

/** The registry's HTTP API, as far as the command line uses it. Every method throws CliFailure with the registry's own code. */
export type Registry = ReturnType<typeof createRegistry>;

/**
 * @param url the host's or registry's, such as `https://plugboard.example`; a path under it is kept
 * @param token of an account
 */
export function createRegistry(url: string, token?: string) {
  const client = createClient({ kind: "registry", baseUrl: url, root: `${url}/registry/v1`, token });
  return {
    url,
    isSignedIn: token !== undefined,
    ...catalogOf(client),
    ...publishingOf(client),
    ...accountsOf(client),
  };
}

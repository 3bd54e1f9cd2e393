import type { AuthDeclaration } from "../manifest/index.ts";
import { ExchangeRefusal } from "./refusal.ts";
import { canonicalName } from "./request-headers.ts";
import { partsOf } from "./scrub/index.ts";
import type { Header, PluginRequest, UsableCredential } from "./types.ts";

/** What the host adds to a request, and what the scrubber looks for in the reply to it. */
export interface Injection {
  headers: readonly Header[];
  query: readonly { name: string; value: string }[];
  secrets: readonly string[];
}

export const noInjection: Injection = { headers: [], query: [], secrets: [] };

/**
 * The shortest secret the broker uses. A shorter one could not be kept: taking it out of replies would break ordinary
 * data, and would let a plugin find it by having the vendor echo every candidate and looking which one is gone.
 */
const minSecretLength = 8;

/** Vendors that take a key as the user name want no password, or "x", or "api". */
const maxFillerLength = 3;

/** RFC 9110, section 5.5, without obs-text. */
const headerText = /^[\x20-\x7e]+$/;

/**
 * Performs the manifest's auth declaration with the connection's credential.
 * @throws ExchangeRefusal `fetch-credential-unusable`
 */
export function injectionFor(auth: AuthDeclaration, credential: UsableCredential): Injection {
  if (auth.type === "apiKey" && credential.type === "apiKey") {
    const value = (auth.format ?? "{key}").replaceAll("{key}", () => credential.key);
    const secrets = partsOf(checkSecret(credential.key));
    return auth.in === "query"
      ? { headers: [], query: [{ name: auth.name, value }], secrets }
      : { headers: [header(auth.name, value)], query: [], secrets };
  }
  if (auth.type === "bearer" && credential.type === "bearer") {
    const secrets = partsOf(checkSecret(credential.token));
    return { headers: [header("authorization", `Bearer ${credential.token}`)], query: [], secrets };
  }
  // RFC 6750, section 2.1, where the plugin declares nothing else.
  if (auth.type === "oauth2" && credential.type === "oauth2") {
    const { accessToken: token } = credential;
    const { name, format = "{token}" } = auth.accessToken ?? {
      name: "authorization",
      format: "Bearer {token}",
    };
    const value = format.replaceAll("{token}", () => token);
    return { headers: [header(name, value)], query: [], secrets: partsOf(checkSecret(token)) };
  }
  if (auth.type === "basic" && credential.type === "basic") return basicInjection(credential);
  throw unusable(`The plugin declares "${auth.type}" and the connection holds "${credential.type}".`);
}

/** RFC 7617, in UTF-8. */
function basicInjection({ username, password }: { username: string; password: string }): Injection {
  if (username.includes(":")) throw unusable("A user name may not hold a colon (RFC 7617).");
  const pair = `${username}:${password}`;
  // Where the key goes into the user name, the password is a filler. A user name next to a real password is no
  // secret, and often part of the vendor's ordinary data.
  const secret = password.length <= maxFillerLength ? username : password;
  const encoded = Buffer.from(pair).toString("base64");
  return {
    headers: [header("authorization", `Basic ${encoded}`)],
    query: [],
    // The pair in base64 is what was sent, so it is what comes back encoded once more.
    secrets: [...partsOf(checkSecret(secret)), pair, encoded],
  };
}

/** Names of the headers that are the host's under this declaration; what a plugin sets there is dropped. */
export function dropAuthHeaders(
  headers: readonly Header[],
  auth: AuthDeclaration | undefined,
): readonly Header[] {
  const name = ownHeader(auth);
  if (name === undefined) return headers; // `authorization` is dropped in every case
  const own = canonicalName(name);
  return headers.filter(([name]) => canonicalName(name) !== own);
}

/** The request without what stands where the host writes the credential, which may be a caller's own. */
export function withoutOwnAuth<Request extends PluginRequest>(
  request: Request,
  auth: AuthDeclaration | undefined,
): Request {
  const headers = dropAuthHeaders(request.headers, auth);
  const isInQuery = auth?.type === "apiKey" && auth.in === "query";
  return { ...request, headers, ...(isInQuery && { url: withoutParameters(request.url, [auth.name]) }) };
}

function ownHeader(auth: AuthDeclaration | undefined): string | undefined {
  if (auth?.type === "oauth2") return auth.accessToken?.name;
  return auth?.type === "apiKey" && auth.in === "header" ? auth.name : undefined;
}

/** The request with the credential in it. Parameters of the plugin's under an injected name are replaced. */
export function inject(
  request: PluginRequest,
  injection: Injection,
): { url: URL; headers: readonly Header[] } {
  if (injection.query.length === 0)
    return { url: request.url, headers: [...request.headers, ...injection.headers] };
  const url = withoutParameters(
    request.url,
    injection.query.map(({ name }) => name),
  );
  const added = injection.query.map(
    ({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  url.search = [url.search.slice(1), ...added].filter((part) => part !== "").join("&");
  return { url, headers: [...request.headers, ...injection.headers] };
}

/** Keeps the rest of the query as it was written: some vendors sign it, or read `+` and `%20` differently. */
function withoutParameters(from: URL, names: readonly string[]): URL {
  const url = new URL(from);
  const kept = url.search
    .slice(1)
    .split("&")
    .filter((part) => !names.some((name) => new URLSearchParams(part).has(name)));
  url.search = kept.join("&");
  return url;
}

function header(name: string, value: string): Header {
  if (!headerText.test(value)) throw unusable("It holds characters that a header cannot carry.");
  return [name.toLowerCase(), value];
}

function checkSecret(secret: string): string {
  if (!secret.isWellFormed()) throw unusable("It is not well-formed text.");
  if (secret.length < minSecretLength) {
    throw unusable(
      `Its secret is shorter than ${minSecretLength} characters, too short to be kept from a plugin.`,
    );
  }
  return secret;
}

function unusable(reason: string): ExchangeRefusal {
  return new ExchangeRefusal(
    "fetch-credential-unusable",
    `The connection's credential cannot be used. ${reason} Update the connection.`,
  );
}

import { CliFailure } from "./failure.ts";

/**
 * An address as it is kept and compared: without what a trailing slash, or the path of an API below it, would add.
 *
 * @returns undefined unless it is an http(s) URL
 */
export function normalUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, pathname, username, password } = new URL(text);
  // A name and a password in an address would get into every message that names it.
  if (!/^https?:$/.test(protocol) || username || password) return undefined;
  return `${protocol}//${host}${pathname.replace(/\/+$/, "").replace(/\/(registry|api)\/v1$/, "")}`;
}

/** Tokens are sent where nobody in between can read them: by https, or within this machine. @throws {CliFailure} */
export function requireSafeForSecrets(
  url: string,
  env: { PLUGBOARD_INSECURE_HTTP?: string | undefined },
): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:" || isLoopback(hostname) || env.PLUGBOARD_INSECURE_HTTP === "1") return;
  throw new CliFailure(
    "address-insecure",
    `${url} is not https, so whoever is in between could read the token or key that goes there. Use https; in a network that you trust, PLUGBOARD_INSECURE_HTTP=1 lets it pass.`,
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

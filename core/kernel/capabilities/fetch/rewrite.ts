const variable = "PLUGBOARD_EGRESS_REWRITE";
const example = `{"api.vendor.com":"http://127.0.0.1:4010"}`;

/**
 * Reads the operator's table of stand-ins: a vendor's host and the local server that answers in its place.
 * @throws Error of one line that names the variable and what is allowed
 */
export function parseEgressRewrite(text: string | undefined): Record<string, string> {
  if (text === undefined || text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${variable} is not JSON; expected an object such as ${example}.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${variable} must be a JSON object such as ${example}.`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([host, origin]) => [checkHost(host), checkStandIn(host, origin).origin]),
  );
}

/** The stand-ins by host. Checked here again: nothing else opens addresses that are not public. */
export function createStandIns(rewrite: Record<string, string>): (url: URL) => URL | undefined {
  const standIns = new Map(
    Object.entries(rewrite).map(([host, origin]) => [checkHost(host), checkStandIn(host, origin)]),
  );
  return (url) => standIns.get(url.hostname);
}

function checkHost(host: string): string {
  if (!/^[a-z0-9.-]+$/.test(host) || URL.parse(`https://${host}`)?.hostname !== host) {
    throw new Error(
      `${variable}: "${host}" must be a host name in lower case without scheme, port or path, such as api.vendor.com.`,
    );
  }
  return host;
}

function checkStandIn(host: string, origin: unknown): URL {
  const url = typeof origin === "string" ? URL.parse(origin) : null;
  const isOrigin = url !== null && url.href === `${url.origin}/`;
  if (!isOrigin || url.protocol !== "http:" || !isLoopback(url.hostname)) {
    throw new Error(
      `${variable}: "${host}" must point at http://127.0.0.1:<port>, http://[::1]:<port> or http://localhost:<port>.`,
    );
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

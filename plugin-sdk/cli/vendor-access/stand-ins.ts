import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";

const variable = "PLUGBOARD_EGRESS_REWRITE";

/**
 * Vendors' hosts that something on this machine answers for, as a host has them too: `{"api.example.com":"http://127.0.0.1:4010"}`.
 *
 * @throws {CliFailure}
 */
export function readStandIns(env: CliHost["env"]): ReadonlyMap<string, URL> {
  const text = env[variable];
  if (!text) return new Map();
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return new Map(entries.map(([host, origin]) => [host, loopback(String(origin))]));
  } catch (cause) {
    throw new CliFailure(
      "stand-in-malformed",
      `${variable} must be JSON such as {"api.example.com":"http://127.0.0.1:4010"}, with addresses of this machine alone.`,
      { cause },
    );
  }
}

function loopback(text: string): URL {
  const url = new URL(text);
  if (url.protocol === "http:" && /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(url.hostname))
    return url;
  throw new TypeError("not on this machine");
}

import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { CapabilityError } from "../errors.ts";
import { isPublicAddress } from "./address.ts";

/** Every A and AAAA address of a name. */
export type Resolve = (hostname: string) => Promise<string[]>;

const resolveBySystem: Resolve = async (hostname) => {
  const found = await lookup(hostname, { all: true, order: "verbatim" });
  return found.map(({ address }) => address);
};

/**
 * Makes the step that turns a URL's host into addresses which may be dialled. One name is asked for once at a time:
 * look-ups hold a thread of Node's small pool, and a slow name server must not take them all.
 */
export function createPublicResolver(resolve: Resolve = resolveBySystem): (url: URL) => Promise<string[]> {
  const pending = new Map<string, Promise<string[]>>();

  function ask(hostname: string): Promise<string[]> {
    const asked = pending.get(hostname);
    if (asked) return asked;
    const answer = resolve(hostname).finally(() => pending.delete(hostname));
    pending.set(hostname, answer);
    return answer;
  }

  /** @throws CapabilityError `fetch-dns-failed`, `fetch-address-not-public` (if a single address of them is not) */
  return async (url) => {
    const hostname = url.hostname.replace(/^\[|\]$/g, "");
    const addresses = isIP(hostname) ? [hostname] : await ask(hostname).catch(() => []);
    if (addresses.length === 0) {
      throw new CapabilityError("fetch-dns-failed", `The name of ${url.hostname} could not be resolved.`);
    }
    if (!addresses.every(isPublicAddress)) {
      throw new CapabilityError(
        "fetch-address-not-public",
        `${url.hostname} leads to an address that is not on the public internet, where plugins may not go.`,
      );
    }
    return addresses;
  };
}

/**
 * The look-up that a socket uses instead of asking again: the answer is what was checked, whatever the name's server
 * says by now (DNS rebinding).
 */
export function pinnedLookup(hostname: string, addresses: readonly string[]): LookupFunction {
  const pinned = addresses.map((address) => ({ address, family: isIP(address) }));
  return (asked, options, callback) => {
    const [first] = pinned;
    if (asked !== hostname || !first) callback(new Error(`Only ${hostname} was checked.`), "", 0);
    else if (options.all) callback(null, pinned);
    else callback(null, first.address, first.family);
  };
}

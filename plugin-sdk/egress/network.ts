import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { CapabilityError } from "@plugboard/sandbox";
import ipaddr from "ipaddr.js";
import { Agent, fetch } from "undici";
import type { Send } from "./send.ts";

/**
 * Sends to the vendor itself, with a host's checks: only to addresses on the public internet, and to those that were
 * checked. `standIns` are for simulators on this machine.
 */
export function createNetwork(standIns: ReadonlyMap<string, URL>): { send: Send; close(): Promise<void> } {
  const agent = new Agent({ connect: { lookup: publicLookup } });
  return {
    async send({ method, url, headers: given, body }, signal) {
      const headers = given.map(([name, value]): [string, string] => [name, value]);
      const standIn = standIns.get(url.hostname);
      if (!standIn) refusePrivate(url.hostname.replace(/^\[|\]$/g, ""), url.hostname);
      const target = standIn ? new URL(url.pathname + url.search, standIn) : url;
      try {
        const init = { method, headers, body, signal, redirect: "manual", dispatcher: agent } as const;
        return (await (standIn
          ? globalThis.fetch(target, { method, headers, body, signal, redirect: "manual" })
          : fetch(target, init))) as Response;
      } catch (error) {
        throw signal.aborted ? signal.reason : toCapabilityError(error, url.hostname);
      }
    },
    close: () => agent.close(),
  };
}

/** An address written as such is never looked up. */
function refusePrivate(address: string, hostname: string): void {
  if (isIP(address) !== 0 && !isPublic(address)) throw notPublic(hostname);
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { all: true, order: "verbatim" }).then(
    (found) => {
      const [first] = found;
      if (!first || !found.every(({ address }) => isPublic(address))) callback(notPublic(hostname), "", 0);
      else if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    },
    (error) => callback(error, "", 0),
  );
};

/** As a host has it: ordinary unicast alone, and none that carries an IPv4 address inside an IPv6 one. */
function isPublic(address: string): boolean {
  if (address.includes("%")) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== "unicast") return false;
  return !(parsed instanceof ipaddr.IPv6) || parsed.match(ipaddr.IPv6.parseCIDR("2000::/3"));
}

function notPublic(hostname: string): CapabilityError {
  return new CapabilityError(
    "fetch-address-not-public",
    `${hostname} leads to an address that is not on the public internet, where plugins may not go. For a stand-in on this machine set PLUGBOARD_EGRESS_REWRITE.`,
  );
}

function toCapabilityError(error: unknown, hostname: string): CapabilityError {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof CapabilityError) return cause;
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  return new CapabilityError("fetch-failed", `${hostname} could not be reached: ${reason}`);
}

import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { httpErrors } from "@plugboard/service-kit/http";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

/** What one address may ask for within an hour; many people may share one. */
export interface ArrivalLimits {
  publishersPerHour: number;
  accountsPerHour: number;
  /** Also of one publisher, from whichever addresses: each order stays in the public log for ever. */
  ordersPerHour: number;
}

export const defaultArrivalLimits: ArrivalLimits = {
  publishersPerHour: 100,
  accountsPerHour: 100,
  ordersPerHour: 300,
};

const hourMs = 60 * 60 * 1000;

/** An address, or a publisher that has shown itself by a signature. */
type Source = { ip: string } | { publisher: string };

/**
 * Lets so many of a kind in from one source within an hour, over all processes of the registry. Counted is what was let
 * in to be tried, whatever comes of it.
 *
 * @param o.kind what is being asked for, as the end of "too many …"
 * @throws `rate-limited`
 */
export async function admitArrival(
  db: RegistryDatabase,
  o: Source & { kind: "accounts" | "publishers" | "orders" | "rescans"; perHour: number; now: Date },
): Promise<void> {
  const { kind, perHour, now } = o;
  const name = "ip" in o ? networkOf(o.ip) : `publisher ${o.publisher}`;
  const source = createHash("sha256").update(name).digest("hex").slice(0, 32);
  const since = new Date(now.getTime() - hourMs);
  await queries.forgetBefore(db, since);
  const isAdmitted = await db.transaction().execute(async (transaction) => {
    // Of many at once, each counts those before it.
    await queries.lockSource(transaction, { kind, source });
    if ((await queries.countSince(transaction, { kind, source, since })) >= perHour) return false;
    await queries.insertArrival(transaction, { kind, source, at: now });
    return true;
  });
  if (!isAdmitted) {
    const detail = `Too many new ${kind} from this ${"ip" in o ? "address" : "publisher"}: ${perHour} within an hour are let in. Try again later.`;
    throw httpErrors.error("rate-limited", detail, {}, { headers: { "Retry-After": "600" } });
  }
}

/** Whoever has one address of version 6 has 2^64 of them: they count as one. */
function networkOf(ip: string): string {
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (!isIPv6(address)) return address;
  // In the one form that a URL has of it.
  const [head = "", tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail ? tail.split(":") : [];
  if (tail !== undefined) groups.push(...Array<string>(8 - groups.length - rest.length).fill("0"));
  return [...groups, ...rest].slice(0, 4).join(":");
}

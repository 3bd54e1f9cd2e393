import { createHash } from "node:crypto";
import { httpErrors } from "@plugboard/service-kit/http";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

/** What one address may ask for within an hour; many people may share one. */
export interface ArrivalLimits {
  publishersPerHour: number;
  accountsPerHour: number;
}

export const defaultArrivalLimits: ArrivalLimits = { publishersPerHour: 100, accountsPerHour: 100 };

const hourMs = 60 * 60 * 1000;

/**
 * Lets so many of a kind in from one address within an hour, over all processes of the registry. Counted is what was let
 * in to be tried, whatever comes of it.
 *
 * @param o.kind what is being asked for, as the end of "too many …"
 * @throws `rate-limited`
 */
export async function admitArrival(
  db: RegistryDatabase,
  o: { kind: "accounts" | "publishers"; ip: string; perHour: number; now: Date },
): Promise<void> {
  const { kind, perHour, now } = o;
  const source = createHash("sha256").update(o.ip).digest("hex").slice(0, 32);
  const since = new Date(now.getTime() - hourMs);
  await queries.forgetBefore(db, since);
  if ((await queries.countSince(db, { kind, source, since })) >= perHour) {
    const detail = `Too many new ${kind} from this address: ${perHour} within an hour are let in. Try again later.`;
    throw httpErrors.error("rate-limited", detail, {}, { headers: { "Retry-After": "600" } });
  }
  await queries.insertArrival(db, { kind, source, at: now });
}

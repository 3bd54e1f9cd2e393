import { chargeOf, type Pricing } from "@plugboard/plugin-sdk/manifest";
import type { UsageSum } from "./queries.ts";

/** What a tenant has used by one meter of a plugin in a month, and owes at one set of prices. */
export interface Line {
  tenantId: string;
  plugin: string;
  /** The digest of the prices agreed to. */
  terms: string;
  meter: string;
  /** Those that are owed for. */
  units: number;
  /** Those of a trial, or from before anything was agreed to. */
  freeUnits: number;
  /** Minor units. */
  amount: bigint;
  currency: string | null;
}

/** The sums of a month, as lines. Prices that changed make lines of their own, whose tiers begin anew. */
export function toLines(sums: UsageSum[]): Line[] {
  const lines = new Map<string, Line & { pricing: Pricing }>();
  for (const { tenantId, plugin, meter, terms, pricing, isOwed, units } of sums) {
    const key = JSON.stringify([tenantId, plugin, terms, meter]);
    const none = { units: 0, freeUnits: 0, amount: 0n, currency: pricing.currency ?? null };
    const line = lines.get(key) ?? { tenantId, plugin, terms, meter, ...none, pricing };
    // Of a meter that these prices do not know nothing can be owed at them.
    if (isOwed && tiersOf(pricing, meter)) line.units += units;
    else line.freeUnits += units;
    lines.set(key, line);
  }
  return [...lines.values()].map(({ pricing, ...line }) => ({
    ...line,
    amount: chargeOf(tiersOf(pricing, line.meter) ?? [], BigInt(line.units)),
  }));
}

function tiersOf({ meters = [] }: Pricing, name: string) {
  return meters.find((meter) => meter.name === name)?.tiers;
}

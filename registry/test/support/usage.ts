import assert from "node:assert/strict";
import { consentDigest, type Pricing, termsDigest } from "@plugboard/plugin-sdk/manifest";
import {
  generateSigningKey,
  type SigningKeyPair,
  signStatement,
  statementTypes,
  type UsageReport,
  type UsageWindow,
} from "@plugboard/plugin-sdk/trust";
import { createRegistryClient, type RegistryClient } from "@plugboard/registry/client";
import { hostToken } from "./registry.ts";
import type { ReviewBench } from "./reviews.ts";

const audience = "plugboard-registry";
const hourMs = 3_600_000;

export interface TestHost {
  id: string;
  key: SigningKeyPair;
  client: RegistryClient;
  sign(windows: UsageWindow[], report?: Partial<UsageReport>): Promise<string>;
  /** Gives what became of each window. */
  report(...windows: UsageWindow[]): Promise<string[]>;
}

/** A host that the registry has met. */
export async function meetHost(
  bench: ReviewBench,
  { token = hostToken, key }: { token?: string; key?: SigningKeyPair } = {},
): Promise<TestHost> {
  const pair = key ?? (await generateSigningKey());
  const client = createRegistryClient({ baseUrl: bench.url, hostToken: token });
  const { hostId } = await client.announceHost({ key: pair.publicJwk, claim: await proveKey(bench, pair) });
  const sign: TestHost["sign"] = (windows, report = {}) => {
    const issuedAt = bench.clock.now().toISOString();
    const payload = { host: hostId, audience, issuedAt, windows, ...report };
    return signStatement(statementTypes.usage, payload, pair);
  };
  return {
    id: hostId,
    key: pair,
    client,
    sign,
    async report(...windows) {
      const results = await client.reportUsage(await sign(windows));
      return results.map(({ outcome }) => outcome);
    },
  };
}

/** That a key is a host's, by itself or by the one before. */
export async function proveKey(
  { clock }: Pick<ReviewBench, "clock">,
  about: Pick<SigningKeyPair, "kid" | "privateJwk">,
  proof: { by?: SigningKeyPair; issuedAt?: string; audience?: string } = {},
): Promise<string> {
  const { by = about, ...more } = proof;
  const payload = { audience, issuedAt: clock.now().toISOString(), kid: about.kid, ...more };
  return signStatement(statementTypes.hostKey, payload, by);
}

/** A hundred calls are included, then 3 cents for two. */
export const byCalls: Pricing = {
  model: "usage",
  currency: "EUR",
  trialDays: 14,
  meters: [
    {
      name: "calls",
      title: "Calls",
      unit: "call",
      actions: ["echo"],
      tiers: [
        { upTo: 100, amount: 0 },
        { amount: 3, per: 2 },
      ],
    },
  ],
};

let plugins = 0;

/** Publishes a plugin of acme's that is priced by usage. */
export async function offerByUsage(bench: ReviewBench, pricing = byCalls) {
  const name = `metered-${++plugins}`;
  const { status, problems } = await bench.acme.publish({ name, version: "1.0.0", manifest: { pricing } });
  assert.equal(status, "published", JSON.stringify(problems));
  const plugin = `acme/${name}`;
  return { plugin, terms: termsDigest({ id: plugin, pricing }) };
}

/** Buys it. */
export async function buy(bench: ReviewBench, tenantId: string, offer: { plugin: string; terms: string }) {
  const { id } = await bench.client.beginPurchase(tenantId, offer);
  const paid = await bench.operator("POST", `/billing/purchases/${id}/confirm`, { note: "Invoice" });
  assert.equal(paid.status, 200);
  return id;
}

export async function install(client: RegistryClient, tenantId: string, plugin: string): Promise<string> {
  const consent = consentDigest({ id: plugin, permissions: {} });
  return (await client.createInstall(tenantId, { plugin, consent })).id;
}

/** Lets time pass to the begin of a month, so that nothing in a test falls into two. */
export function toNextMonth({ clock }: Pick<ReviewBench, "clock">): string {
  const now = clock.now();
  const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  clock.pass({ minutes: (next - now.getTime()) / 60_000 });
  return clock.now().toISOString().slice(0, 7);
}

/** The hour that it is now, or one before or after it. */
export function hour({ clock }: Pick<ReviewBench, "clock">, away = 0): string {
  const now = clock.now().getTime();
  return new Date(now - (now % hourMs) + away * hourMs).toISOString();
}

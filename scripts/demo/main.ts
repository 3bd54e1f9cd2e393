/**
 * Plays the main job from end to end, on a fresh data directory, against local stand-ins of the vendors: a stranger's
 * signed plugin, installed by two tenants, run in isolation, with a credential that it never sees. Exits with 1 if any
 * step did not hold.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { attacks } from "./attacks.ts";
import { author } from "./author.ts";
import { carry } from "./carry.ts";
import { createNarrator } from "./narrator.ts";
import { records } from "./records.ts";
import { openOrg } from "./salesforce.ts";
import { openShop } from "./shopify.ts";
import { startStage } from "./stage.ts";
import { tenants } from "./tenants.ts";
import { trouble } from "./trouble.ts";

const narrator = createNarrator();
const folder = await mkdtemp(path.join(tmpdir(), "plugboard-demo-"));
console.log("Plugboard: a stranger's plugin next to real credentials, which it never sees.");

const stage = await startStage(folder, narrator).catch(() => undefined);
try {
  if (stage) {
    const release = await author(stage, narrator);
    const customers = await tenants(stage, narrator);
    const [a, b] = customers;
    const shop = await openShop(stage, a.api, narrator);
    const org = await openOrg(stage, a.api, narrator);
    await records(a.api, narrator, { stripe: a.connections.stripe, shopify: shop, salesforce: org });
    await trouble(stage, narrator, { a, b, org });
    await carry(narrator, customers);
    await attacks({ stage, release, customers, narrator });
  }
} catch {
  // The narrator has told what did not hold; the later steps stand on it.
} finally {
  await stage?.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = narrator.close() ? 0 : 1;

import { treeMiB } from "../memory.ts";
import type { Row } from "../row.ts";
import { benchChanges, benchSignatures } from "./changes.ts";
import { benchEnumeration } from "./enumeration.ts";
import { fillCatalog } from "./fill.ts";
import { benchReads } from "./reads.ts";
import { type RunningBenchRegistry, startBenchRegistry } from "./running.ts";
import { benchVerdaccio } from "./verdaccio.ts";

/** Up to here a listing has five versions and twenty reviews, beyond one and none: the text of the goals. */
const full = 10_000;
const sizes = [1_000, full];
/** `BENCH_REGISTRY_LISTINGS=100000` shows how it grows beyond, which takes some minutes more. */
const beyond = Number(process.env.BENCH_REGISTRY_LISTINGS ?? full);
if (beyond > full) sizes.push(beyond);

/** A registry with a grown catalog: how long searching, reading, publishing and installing take, and how each grows. */
export async function benchRegistry(): Promise<Row[]> {
  const registry = await startBenchRegistry();
  try {
    const rows: Row[] = [];
    let filled = 0;
    for (const size of sizes) {
      const bulk = size > full ? { versions: 1, reviews: 0 } : { versions: 5, reviews: 20 };
      await fillCatalog(registry.database, { from: filled, to: size, bulk });
      filled = size;
      await registry.restart();
      rows.push(await memory(registry, `${size.toLocaleString("en-US")} listings, before the first search`));
      const reads = await benchReads(registry, size);
      rows.push(...reads.rows);
      rows.push(await memory(registry, `${size.toLocaleString("en-US")} listings, after searching`));
      if (size !== full) continue;
      rows.push(...(await benchChanges(registry)), ...(await benchSignatures()));
      rows.push(...(await benchEnumeration(registry)));
      rows.push(...(await benchVerdaccio({ size, ...reads })));
    }
    return rows;
  } finally {
    await registry.stop();
  }
}

async function memory(registry: RunningBenchRegistry, when: string): Promise<Row> {
  return { what: `${when}: process without PostgreSQL`, value: await treeMiB(registry.pid), unit: "MiB" };
}

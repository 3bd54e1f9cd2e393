import { readFile } from "node:fs/promises";
import type { Row } from "../row.ts";
import { pluginOf } from "./catalog-rows.ts";
import { createRandom } from "./random.ts";
import type { RunningBenchRegistry } from "./running.ts";
import { searches } from "./searches.ts";
import { timeEach, timesOf } from "./time.ts";

const searchCount = 1000;
const listingCount = 500;
const deepPages = 40;

/** How long searches and listing pages take, one after the other, over a catalog of this size. */
export async function benchReads(
  registry: RunningBenchRegistry,
  size: number,
): Promise<{ rows: Row[]; searchP95Ms: number; listingP95Ms: number }> {
  const label = size.toLocaleString("en-US");
  const root = `${registry.address}/registry/v1`;
  const firstMs = await timed(() => get(`${root}/-/search?q=first`));
  const bare = await timeEach(Array.from({ length: listingCount }), () => get(`${root}/root`));

  const mix = searches(searchCount);
  for (const { query } of mix.slice(0, 100)) await search(root, query);
  const byKind = new Map<string, number[]>();
  const busyBefore = await processorMs(registry.pid);
  for (const { kind, query } of mix) {
    const ms = await timed(() => search(root, query));
    byKind.set(kind, [...(byKind.get(kind) ?? []), ms]);
  }
  const busyMs = (await processorMs(registry.pid)) - busyBefore;
  byKind.set("deep pages", await turnPages(root));
  const all = timesOf([...byKind.values()].flat());

  const random = createRandom(99);
  const plugins = Array.from({ length: listingCount }, () => pluginOf(random.below(size)));
  for (const plugin of plugins.slice(0, 50)) await get(`${root}/plugins/${plugin}`);
  const listingFrom = await processorMs(registry.pid);
  const listing = await timeEach(plugins, (plugin) => get(`${root}/plugins/${plugin}`));
  const listingBusyMs = (await processorMs(registry.pid)) - listingFrom;
  const related = await timeEach(plugins.slice(0, 200), (plugin) => get(`${root}/plugins/${plugin}/related`));

  const ms = (what: string, value: number, goal?: string): Row => ({
    what: `${label} listings: ${what}`,
    value,
    unit: "ms",
    ratio: value / bare.p95Ms,
    ...(goal !== undefined && { goal }),
  });
  return {
    searchP95Ms: all.p95Ms,
    listingP95Ms: listing.p95Ms,
    rows: [
      ms("smallest answer there is (the root), p95", bare.p95Ms),
      ms("first search, which may read the catalog in", firstMs),
      ms("search, p50 of the mix", all.p50Ms),
      ms("search, p95 of the mix", all.p95Ms, size === 10_000 ? "≤ 10 ms" : undefined),
      {
        what: `${label} listings: search, processor time of the registry without PostgreSQL, each`,
        value: busyMs / mix.length,
        unit: "ms",
      },
      {
        what: `${label} listings: listing, processor time of the registry without PostgreSQL, each`,
        value: listingBusyMs / plugins.length,
        unit: "ms",
      },
      ...[...byKind].map(([kind, times]) => ms(`search, ${kind}: p95`, timesOf(times).p95Ms)),
      ms("listing, p50", listing.p50Ms),
      ms("listing, p95", listing.p95Ms, size === 10_000 ? "≤ 5 ms" : undefined),
      ms("related plugins, p95", related.p95Ms),
    ],
  };
}

async function turnPages(root: string): Promise<number[]> {
  const times: number[] = [];
  let cursor = "";
  for (let page = 0; page < deepPages; page++) {
    const from = performance.now();
    const { nextCursor } = await search(root, { sort: "installs", limit: "20", ...(cursor && { cursor }) });
    times.push(performance.now() - from);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return times;
}

async function search(root: string, query: Record<string, string>): Promise<{ nextCursor: string | null }> {
  return (await get(`${root}/-/search?${new URLSearchParams(query)}`)) as { nextCursor: string | null };
}

/** @throws if the answer is not the right one: a wrong answer is no speed */
async function get(url: string): Promise<unknown> {
  const response = await fetch(url);
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${url} was answered ${response.status}: ${JSON.stringify(body)}`);
  return body;
}

/** What a process had of the processors so far: tells more than the clock where others want them too. Linux only. */
async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // Counted from the third field, since the second, the name, may hold anything; in hundredths of a second.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

import { signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import { createRegistryClient } from "@plugboard/registry/client";
import { publishTestPlugin, registerPublisher } from "../../test/support/plugin.ts";
import type { Row } from "../row.ts";
import { createRandom } from "./random.ts";
import type { RunningBenchRegistry } from "./running.ts";

const publisherName = "bench-private";
const tenantId = "tnt_bench-private";
/** Of one length, so that nothing but what is there differs. The last two are the control: nobody took either. */
const hidden = "aaaaaaaa";
const absent = "bbbbbbbb";
const alsoAbsent = "cccccccc";
const rounds = 1_000;
const asked: Record<string, string> = {
  "the listing": "",
  "a version": "/1.0.0",
  "a tarball": "/1.0.0/tarball",
  "related plugins": "/related",
};

/**
 * Whether a stranger can tell by the time that an answer takes that a name is that of a private plugin. Each round asks for
 * the three names in an order made by chance, so that whatever else the machine does falls on all alike. The figure is how
 * often an answer about the private plugin takes longer than one about a name that nobody took: 0.5 tells nothing. What
 * chance makes of it is the same figure for two names that nobody took.
 */
export async function benchEnumeration(registry: RunningBenchRegistry): Promise<Row[]> {
  await publishPrivate(registry);
  const random = createRandom(7);
  const rows: Row[] = [];
  for (const [what, path] of Object.entries(asked)) {
    const times = new Map([hidden, absent, alsoAbsent].map((name) => [name, [] as number[]]));
    for (let round = -50; round < rounds; round++) {
      const order = [...times.keys()].map((name) => ({ name, place: random.below(1_000_000) }));
      for (const { name } of order.sort((a, b) => a.place - b.place)) {
        const ms = await timeOfNo(`${registry.address}/registry/v1/plugins/${publisherName}/${name}${path}`);
        if (round >= 0) times.get(name)?.push(ms);
      }
    }
    const of = (name: string) => times.get(name) ?? [];
    rows.push(
      row(`404 for ${what} of a private plugin slower than of a name nobody took`, of(hidden), of(absent)),
      row(`404 for ${what}: the same of two names nobody took`, of(alsoAbsent), of(absent)),
    );
  }
  return rows;
}

function row(what: string, some: number[], others: number[]): Row {
  return { what, value: slowerShare(some, others), unit: "of 1", ratio: median(some) / median(others) };
}

/** How likely one of the first is larger than one of the others (Mann-Whitney U over the number of pairs). */
function slowerShare(some: number[], others: number[]): number {
  const sorted = others.toSorted((a, b) => a - b);
  let below = 0;
  for (const value of some) {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((sorted[middle] ?? 0) < value) from = middle + 1;
      else to = middle;
    }
    below += from;
  }
  return below / (some.length * others.length);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** @throws if it is no 404: what is measured would be something else */
async function timeOfNo(url: string): Promise<number> {
  const from = performance.now();
  const response = await fetch(url);
  await response.arrayBuffer();
  const ms = performance.now() - from;
  if (response.status !== 404) throw new Error(`${url} was answered ${response.status}.`);
  return ms;
}

async function publishPrivate({ address, hostToken }: RunningBenchRegistry): Promise<void> {
  const publisher = await registerPublisher(address, publisherName);
  const claim = await signStatement(
    statementTypes.claim,
    {
      publisher: publisherName,
      audience: `plugboard-tenant:${tenantId}`,
      issuedAt: new Date().toISOString(),
    },
    { privateJwk: publisher.privateJwk },
  );
  await createRegistryClient({ baseUrl: address, hostToken }).linkPublisher(tenantId, publisherName, claim);
  await publishTestPlugin(address, publisher, {
    id: `${publisherName}/${hidden}`,
    actions: { echo: { run: "return input;" } },
    manifest: { private: true },
  });
}

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { runCommand } from "../../scripts/processes.ts";
import { treeMiB } from "../memory.ts";
import type { Row } from "../row.ts";
import { catalogRows } from "./catalog-rows.ts";
import { createRandom } from "./random.ts";
import { searches } from "./searches.ts";
import { type Times, timeEach } from "./time.ts";

/** Not a dependency of this repository, whose install it would double: it is fetched when this part runs. */
const release = "verdaccio@6";
/** It asks for this one by a tag, which mirrors of the npm registry need not have. */
const overrides = { "node-fetch": "2.7.0" };
const readyWithinMs = 120_000;
const samples = 200;
/** A search takes seconds there. */
const searchSamples = 10;

/** What a neighbour takes for the same number of packages: searching, metadata, publishing. */
export async function benchVerdaccio(ours: {
  size: number;
  searchP95Ms: number;
  listingP95Ms: number;
}): Promise<Row[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "plugboard-bench-verdaccio-"));
  try {
    await writeFile(path.join(folder, "package.json"), JSON.stringify({ private: true, overrides }));
    const install = ["install", release, "--ignore-scripts", "--no-audit", "--no-fund"];
    await runCommand("npm", install, { cwd: folder });
    const names = await fillStorage(path.join(folder, "storage"), ours.size);
    const port = await freePort();
    await writeFile(path.join(folder, "config.yaml"), configuration);
    const running = await start(folder, port);
    try {
      return await measure(`http://127.0.0.1:${port}`, { names, pid: running.pid, ours });
    } finally {
      await running.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const configuration = `storage: ./storage
packages:
  '**':
    access: $all
    publish: $anonymous
    unpublish: $anonymous
middlewares:
  audit:
    enabled: false
log: { type: stdout, format: json, level: error }
`;

/** The files that it keeps of a package, as it would have written them: publishing so many would take an hour. */
async function fillStorage(storage: string, size: number): Promise<string[]> {
  const { listings = [], versions = [] } = catalogRows(0, size, { versions: 5, reviews: 0 });
  const byPlugin = Map.groupBy(versions as { plugin: string; version: string }[], ({ plugin }) => plugin);
  const names: string[] = [];
  for (const listing of listings as { plugin: string; description: string; keywords: string[] }[]) {
    const name = listing.plugin.replace("/", "-");
    names.push(name);
    await mkdir(path.join(storage, name), { recursive: true });
    const released = (byPlugin.get(listing.plugin) ?? []).map(({ version }) => version);
    await writeFile(
      path.join(storage, name, "package.json"),
      JSON.stringify(packument(name, listing, released)),
    );
  }
  await writeFile(
    path.join(storage, ".verdaccio-db.json"),
    JSON.stringify({ list: names, secret: "s".repeat(32) }),
  );
  return names;
}

function packument(name: string, listing: { description: string; keywords: string[] }, versions: string[]) {
  const { description, keywords } = listing;
  const at = "2026-01-01T00:00:00.000Z";
  const dist = {
    shasum: "0".repeat(40),
    tarball: `http://127.0.0.1/${name}/-/${name}.tgz`,
    integrity: `sha512-${"A".repeat(86)}==`,
  };
  return {
    name,
    description,
    "dist-tags": { latest: versions.at(-1) },
    time: { created: at, modified: at, ...Object.fromEntries(versions.map((version) => [version, at])) },
    versions: Object.fromEntries(
      versions.map((version) => [
        version,
        {
          name,
          version,
          description,
          keywords,
          main: "index.js",
          license: "Apache-2.0",
          dist,
          _id: `${name}@${version}`,
        },
      ]),
    ),
    _distfiles: {},
    _attachments: {},
    _uplinks: {},
    _rev: "1-0",
    users: {},
    readme: `# ${name}\n\n${description}`,
  };
}

async function start(folder: string, port: number) {
  const manifest = path.join(folder, "node_modules/verdaccio/package.json");
  const { bin } = JSON.parse(await readFile(manifest, "utf8")) as { bin: string | Record<string, string> };
  const program = path.join(path.dirname(manifest), typeof bin === "string" ? bin : (bin.verdaccio ?? ""));
  const child = spawn(
    process.execPath,
    [program, "--config", "config.yaml", "--listen", `127.0.0.1:${port}`],
    {
      cwd: folder,
      stdio: "ignore",
    },
  );
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  for (const until = Date.now() + readyWithinMs; ; ) {
    const answer = await fetch(`http://127.0.0.1:${port}/-/ping`).catch(() => undefined);
    if (answer?.ok) return { pid: child.pid ?? 0, stop };
    if (Date.now() > until) {
      await stop();
      throw new Error("Verdaccio was not ready in time.");
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function measure(
  url: string,
  { names, pid, ours }: { names: string[]; pid: number; ours: { searchP95Ms: number; listingP95Ms: number } },
): Promise<Row[]> {
  const random = createRandom(99);
  const packages = Array.from({ length: samples }, () => random.any(names));
  const [sought = ""] = names;
  const { objects } = (await get(`${url}/-/v1/search?text=${sought}`)) as { objects: unknown[] };
  if (objects.length === 0) throw new Error(`The search of Verdaccio does not find ${sought}.`);
  const metadata = await timeEach(packages, (name) => get(`${url}/${name}`));
  const asked = searches(1000)
    .flatMap(({ query }) => query.q ?? [])
    .slice(0, searchSamples);
  const search = await timeEach(asked, (text) =>
    get(`${url}/-/v1/search?${new URLSearchParams({ text, size: "20" })}`),
  );
  const fresh = Array.from({ length: 10 }, (_, index) => `fresh-${index}`);
  const publish = await timeEach(fresh, (name) => publishTo(url, name));
  const row = (what: string, { p95Ms }: Times, own?: number): Row => ({
    what: `${release}, ${names.length.toLocaleString("en-US")} packages: ${what}`,
    value: p95Ms,
    unit: "ms",
    ...(own !== undefined && { ratio: p95Ms / own }),
  });
  return [
    row("search, p95 (ratio: to ours)", search, ours.searchP95Ms),
    row("metadata of a package, p95 (ratio: to our listing)", metadata, ours.listingP95Ms),
    row("publish, p95; nothing is signed, loaded or checked", publish),
    { what: `${release}: process`, value: await treeMiB(pid), unit: "MiB" },
  ];
}

async function publishTo(url: string, name: string): Promise<void> {
  const data = Buffer.alloc(24_000, 1).toString("base64");
  const document = packument(name, { description: "A new one.", keywords: [] }, ["1.0.0"]);
  const body = {
    ...document,
    _id: name,
    _attachments: {
      [`${name}-1.0.0.tgz`]: { content_type: "application/octet-stream", data, length: 24_000 },
    },
  };
  const answer = await fetch(`${url}/${name}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`publish of ${name}: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}

async function get(url: string): Promise<unknown> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} was answered ${answer.status}`);
  return answer.json();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

/**
 * `npm run bench`: what the host costs, each figure beside the bare building block in the same run.
 * `npm run bench -- http start` runs only the named parts; `npm run bench -- soak` takes twelve minutes.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { benchAuthoring } from "./authoring.ts";
import { benchBroker } from "./broker.ts";
import { benchFleet } from "./fleet.ts";
import { benchHttp } from "./http.ts";
import { benchRegistry } from "./registry/index.ts";
import type { Row } from "./row.ts";
import { benchSandbox } from "./sandbox.ts";
import { benchSoak } from "./soak.ts";
import { benchStart } from "./start.ts";
import { printTable } from "./table.ts";
import { benchUpgrade } from "./upgrade.ts";
import { benchWalls } from "./walls.ts";

/** `onlyNamed`: takes so long that it runs only when it is asked for. */
const parts: Record<string, { title: string; run: () => Promise<Row[]>; onlyNamed?: true }> = {
  sandbox: { title: "A sandboxed call", run: benchSandbox },
  walls: { title: "What each wall adds", run: benchWalls },
  http: { title: "An action over HTTP", run: benchHttp },
  broker: { title: "A request through the broker", run: benchBroker },
  start: { title: "Start and idle", run: benchStart },
  fleet: { title: "Many plugins and tenants", run: benchFleet },
  upgrade: { title: "Upgrades under load", run: benchUpgrade },
  authoring: { title: "Writing a plugin", run: benchAuthoring, onlyNamed: true },
  registry: { title: "A registry with a grown catalog", run: benchRegistry, onlyNamed: true },
  soak: { title: "Good and hostile plugins on one host", run: benchSoak, onlyNamed: true },
};

const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}.`);
  process.exit(2);
}

console.log(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim()})`);
for (const [name, { title, run, onlyNamed }] of Object.entries(parts)) {
  if (positionals.length > 0 ? !positionals.includes(name) : onlyNamed) continue;
  printTable(title, await run());
}

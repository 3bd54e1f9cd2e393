/**
 * `npm run bench`: what the host costs, each figure beside the bare building block in the same run.
 * `npm run bench -- http start` runs only the named parts.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { benchHttp } from "./http.ts";
import type { Row } from "./row.ts";
import { benchSandbox } from "./sandbox.ts";
import { benchStart } from "./start.ts";
import { printTable } from "./table.ts";

const parts: Record<string, { title: string; run: () => Promise<Row[]> }> = {
  sandbox: { title: "A sandboxed call", run: benchSandbox },
  http: { title: "An action over HTTP", run: benchHttp },
  start: { title: "Start and idle", run: benchStart },
};

const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}.`);
  process.exit(2);
}

console.log(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim()})`);
for (const [name, { title, run }] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  printTable(title, await run());
}

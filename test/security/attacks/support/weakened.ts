import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { pathToFileURL } from "node:url";

const original = new URL("./weakened-worker.ts", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "plugboard-weakened-"));
after(() => rmSync(folder, { recursive: true }));
// A plugin's process has an account of its own.
chmodSync(folder, 0o755);
writeFileSync(join(folder, "package.json"), '{"type":"module"}');

/** The sandbox's thread without some of its walls: see weakened-worker.ts. */
export function weakenedWorker(left: "no-compartment" | "flags-alone"): URL {
  const file = join(folder, `${left}.ts`);
  const source = readFileSync(original, "utf8")
    .replace('= "no-walls"', `= ${JSON.stringify(left)}`)
    .replace("import.meta.url", JSON.stringify(original.href));
  writeFileSync(file, source);
  return pathToFileURL(file);
}

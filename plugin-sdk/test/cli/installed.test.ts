import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { type Analysis, checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { installPackedSdk, strangersEnv } from "../packed/index.ts";

const run = promisify(execFile);

// That an author scaffolds, tests, builds, signs and publishes with it is shown in test/end-to-end/authoring.test.ts.
test("the packed SDK is one that others can install and import", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "plugboard-installed-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const tarball = await installPackedSdk(folder);
  const exec = async (name: string, ...args: string[]) => {
    const command = join(folder, "node_modules", ".bin", name);
    return (await run(command, args, { cwd: folder, env: strangersEnv() })).stdout;
  };

  await t.test("every entry of the package can be imported, with types", async () => {
    await mkdir(join(folder, "consumer"));
    await writeFile(join(folder, "consumer", "package.json"), '{"type":"module"}');
    await writeFile(
      join(folder, "consumer", "index.ts"),
      `import { definePlugin, type PluginDefinition } from "@plugboard/plugin-sdk";
import { buildPlugin } from "@plugboard/plugin-sdk/cli";
import { checkManifest } from "@plugboard/plugin-sdk/manifest";
import { readPackage } from "@plugboard/plugin-sdk/package";
import { createTestHost } from "@plugboard/plugin-sdk/testing";
import { verifyStatement } from "@plugboard/plugin-sdk/trust";
const plugin: PluginDefinition = definePlugin({ actions: {} });
// @ts-expect-error: proof that the types are there
const wrong: string = checkManifest({}).problems;
for (const entry of [plugin, buildPlugin, checkManifest, readPackage, createTestHost, verifyStatement]) {
  if (entry === undefined) throw new Error("an export is missing");
}
console.log("imported", wrong.length > 0);
`,
    );
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2024", "--types", "node"];
    await exec("tsc", ...options, "consumer/index.ts");
    assert.equal(await exec("node", "consumer/index.ts"), "imported true\n");
  });
  await t.test("publint finds nothing, and every entry resolves with its types", async () => {
    const packed = await readFile(join(folder, tarball));
    const { messages } = await publint({ pack: { tarball: new Uint8Array(packed).buffer }, strict: true });
    assert.deepEqual(messages, []);
    const { problems } = (await checkPackage(createPackageFromTarballData(packed))) as Analysis;
    // Modules alone: from CommonJS, and without `exports`, the SDK is not to be had.
    const unexpected = problems.filter(
      (problem) =>
        !("resolutionKind" in problem) || !["node10", "node16-cjs"].includes(problem.resolutionKind),
    );
    assert.deepEqual(unexpected, []);
  });
  await t.test("nothing of the repository is needed but what is in the package", async () => {
    const { dependencies } = JSON.parse(
      await readFile(join(folder, "node_modules", "@plugboard", "plugin-sdk", "package.json"), "utf8"),
    );
    assert.deepEqual(
      Object.keys(dependencies).filter((name) => name.startsWith("@plugboard/")),
      [],
    );
  });
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { type Analysis, checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "..", "..", "..");

/** The SDK as npm would publish it, installed in an empty folder outside the repository. */
async function installed(
  t: TestContext,
): Promise<{ folder: string; exec: (...command: string[]) => Promise<string> }> {
  const folder = await mkdtemp(join(tmpdir(), "plugboard-installed-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const packed = await run("npm", ["pack", "--silent", "-w", "plugin-sdk", "--pack-destination", folder], {
    cwd: repository,
  });
  // As a stranger would: without this repository's tools, and without what npm told this very test.
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.includes("node_modules"));
  const env = {
    PATH: path.join(delimiter),
    HOME: process.env.HOME,
    PLUGBOARD_HOME: join(folder, "home"),
    PLUGBOARD_KEY_PASSPHRASE: "a passphrase of the test",
    npm_config_prefer_offline: "true",
  };
  const exec = async (...command: string[]) => {
    const [name = "", ...args] = command;
    return (await run(name, args, { cwd: folder, env, maxBuffer: 16 * 1024 * 1024 })).stdout;
  };
  await exec("npm", "init", "-y");
  const tarball = packed.stdout.trim().split("\n").at(-1) ?? "";
  await exec("npm", "install", "--no-audit", "--no-fund", `./${tarball}`, "typescript@7", "@types/node@26");
  return { folder, exec };
}

test("from the packed SDK alone, an author scaffolds, checks, tests, builds and signs", async (t) => {
  const { folder, exec } = await installed(t);

  await t.test("the scaffold depends on the tarball that is installed here", async () => {
    await exec("npx", "plugboard", "init", "acme/weather");
    const { devDependencies } = JSON.parse(await readFile(join(folder, "weather", "package.json"), "utf8"));
    assert.match(devDependencies["@plugboard/plugin-sdk"], /^file:.*plugboard-plugin-sdk-.*\.tgz$/);
  });
  await t.test("its types are right, and its tests pass", async () => {
    await exec("npx", "tsc", "--project", "weather");
    assert.match(await exec("npx", "node", "--test", "weather/test/items.test.ts"), /pass 3/);
  });
  await t.test("it builds, the same bytes as a second time", async () => {
    const first = JSON.parse(await exec("npx", "plugboard", "build", "weather", "--json"));
    const bytes = await readFile(first.tarball);
    await exec("npx", "plugboard", "build", "weather");
    assert.deepEqual(Object.keys(first.contributes.actions), ["create-item", "get-item"]);
    assert.ok(first.codeSize < 30_000, `${first.codeSize} bytes`);
    assert.ok(bytes.equals(await readFile(first.tarball)));
  });
  await t.test("it is signed", async () => {
    await exec("npx", "plugboard", "keys", "create", "acme");
    const signed = JSON.parse(
      await exec("npx", "plugboard", "sign", "weather/dist/weather-0.1.0.tgz", "--json"),
    );
    assert.equal(signed.id, "acme/weather");
  });
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
    await exec("npx", "tsc", ...options, "consumer/index.ts");
    assert.equal(await exec("npx", "node", "consumer/index.ts"), "imported true\n");
  });
  await t.test("publint finds nothing, and every entry resolves with its types", async () => {
    const [name = ""] = (await readdir(folder)).filter((file) => file.endsWith(".tgz"));
    const packed = await readFile(join(folder, name));
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

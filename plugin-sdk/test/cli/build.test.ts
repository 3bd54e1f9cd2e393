import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { openSandbox } from "@plugboard/sandbox";
import { buildPlugin } from "../../cli/index.ts";
import { readPackage } from "../../package/index.ts";
import { createAuthor, manifestWith, pluginSaying } from "./author.ts";

test("a build makes a package that hosts can read, with contributes from the code", async (t) => {
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith(),
    "index.ts": pluginSaying("1"),
    "README.md": "# Lamp\n",
    "notes.txt": "stays at home",
  });

  const outcome = await author.run(["build", "--json"]);
  assert.equal(outcome.code, 0, outcome.stderr);
  const { tarball, contributes } = outcome.json();
  const contents = await readPackage(await readFile(tarball));

  assert.equal(tarball, join(author.folder, "dist", "lamp-1.0.0.tgz"));
  assert.deepEqual(
    contents.files.map(({ path }) => path),
    ["README.md", "dist/plugin.js", "plugin.json"],
  );
  assert.deepEqual(contents.manifest.contributes, contributes);
  assert.deepEqual(contributes.actions.blink.input, {
    type: "object",
    properties: { times: { type: "integer" } },
    additionalProperties: false,
  });
  assert.deepEqual(
    JSON.parse(await readFile(join(author.folder, "dist", "plugin.json"), "utf8")),
    contents.manifest,
  );
});

test("nothing is written through a link that came with a plugin", async (t) => {
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith(),
    "index.ts": pluginSaying("1"),
    "precious/file": "mine",
  });
  await mkdir(join(author.folder, "dist"));
  const names = ["plugin.js", "plugin.js.map", "plugin.json", "lamp-1.0.0.tgz"];
  for (const name of names)
    await symlink(join(author.folder, "precious/file"), join(author.folder, "dist", name));

  assert.equal((await author.run(["build"])).code, 0);
  assert.deepEqual((await readdir(join(author.folder, "dist"))).sort(), names.sort());
  assert.equal(await readFile(join(author.folder, "precious/file"), "utf8"), "mine");

  for (const [command, folder] of [
    ["build", "dist"],
    ["docs", "docs"],
  ] as const) {
    await rm(join(author.folder, folder), { recursive: true, force: true });
    await symlink(join(author.folder, "precious"), join(author.folder, folder));
    assert.equal((await author.run([command, "--json"])).json().error.code, "folder-link", command);
  }
  assert.deepEqual(await readdir(join(author.folder, "precious")), ["file"]);
});

test("the same sources give the same bytes, wherever they lie", async (t) => {
  const files = { "plugin.json": manifestWith(), "index.ts": pluginSaying("1") };
  const [one, other] = [await createAuthor(t), await createAuthor(t)];
  await one.write(files);
  await other.write(files);

  const first = await buildPlugin({ directory: one.folder });
  const again = await buildPlugin({ directory: one.folder });
  const elsewhere = await buildPlugin({ directory: other.folder });

  assert.ok(first.tarball.equals(again.tarball));
  assert.ok(first.tarball.equals(elsewhere.tarball));
});

test("text that looks like an import or an HTML comment runs in the sandbox unchanged", async (t) => {
  const author = await createAuthor(t);
  const text = "import('x') <!-- and -->";
  await author.write({
    "plugin.json": manifestWith(),
    "index.ts": pluginSaying(
      "text + `$" + '{text}` + left + /import\\(|-->/.test(text) /* import("y") --> */',
      `/* import("comment") <!-- --> */ const text = "${text}"; let left = 2; while (left-->0);`,
    ),
  });

  const { manifest, code } = await buildPlugin({ directory: author.folder });
  const sandbox = openSandbox({ id: manifest.id, version: manifest.version, code, binary: false });
  t.after(() => sandbox.close());
  const output = await sandbox.call({
    tenantId: "tnt_1",
    target: { kind: "action", name: "blink" },
    input: {},
    capabilities: {},
  });

  assert.deepEqual(output, { said: `${text}${text}-1true` });
});

test("every problem of plugin.json and of the code is told at once, with its line", async (t) => {
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith({ version: "one", surprise: true }),
    "index.ts": pluginSaying("1").replace(
      "actions: { blink }",
      "actions: { Blink: blink },\n  hooks: { instal() {} }",
    ),
  });

  const outcome = await author.run(["build"]);

  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /plugin\.json:3:3: \/version: /);
  assert.match(outcome.stderr, /plugin\.json:\d+:3: \/surprise: /);
  assert.match(outcome.stderr, /index\.ts:12:\d+: \/contributes\/actions\/Blink: /);
  assert.match(outcome.stderr, /index\.ts:13:\d+: \/contributes\/hooks\/0\/name: /);
});

test("the source map leads from the code to what the author wrote, and stays at home", async (t) => {
  const author = await createAuthor(t);
  await author.write({ "plugin.json": manifestWith(), "index.ts": pluginSaying("Math.hypot(3, 4)") });

  const { code, files } = await buildPlugin({ directory: author.folder });
  const map = new SourceMap(JSON.parse(await readFile(join(author.folder, "dist", "plugin.js.map"), "utf8")));
  const line = code.split("\n").findIndex((text) => text.includes("Math.hypot"));
  const origin = map.findOrigin(line + 1, (code.split("\n")[line] ?? "").indexOf("Math.hypot") + 1);

  assert.deepEqual("fileName" in origin && [origin.fileName, origin.lineNumber], ["../index.ts", 9]);
  assert.deepEqual(
    files.map(({ path }) => path).filter((path) => path.endsWith(".map")),
    [],
  );
});

const refusedCode: [name: string, code: string, expected: RegExp][] = [
  [
    "an import of a Node module",
    pluginSaying("readFileSync.name", 'import { readFileSync } from "node:fs";'),
    /index\.ts:3:\d+: "node:fs" is a module of Node, and plugins do not run in Node\./,
  ],
  [
    "an import of what is not installed",
    pluginSaying("missing", 'import missing from "not-installed";'),
    /index\.ts:3:\d+: Could not resolve "not-installed"\. Install it with npm/,
  ],
  ["a syntax error", `${pluginSaying("1")}\nconst = 1;`, /index\.ts:\d+:\d+: /],
  [
    "a dynamic import",
    pluginSaying("await import(globalThis.place)"),
    /index\.ts:9:\d+: "import" looks like a dynamic import/,
  ],
  ["eval", pluginSaying("eval('1')"), /index\.ts:9:\d+: "eval" looks like eval/],
];
for (const [name, code, expected] of refusedCode) {
  test(`${name} is refused with file and line`, async (t) => {
    const author = await createAuthor(t);
    await author.write({ "plugin.json": manifestWith(), "index.ts": code });

    const outcome = await author.run(["build"]);

    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, expected);
  });
}

test("an npm package may have the name of a Node module", async (t) => {
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith(),
    "index.ts": pluginSaying("events", 'import events from "events";'),
    "node_modules/events/package.json": { name: "events", main: "index.js" },
    "node_modules/events/index.js": 'module.exports = "from npm";',
  });

  const outcome = await author.run(["build"]);

  assert.equal(outcome.code, 0, outcome.stderr);
  assert.match(await readFile(join(author.folder, "dist", "plugin.js"), "utf8"), /from npm/);
});

test("code that fails while it loads is reported, and nothing is written", async (t) => {
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith(),
    "index.ts": pluginSaying("1", 'throw new Error("broken at the top");'),
  });

  const outcome = await author.run(["build"]);

  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /does not load in the sandbox: .*broken at the top/s);
  await assert.rejects(readFile(join(author.folder, "dist", "plugin.json")), { code: "ENOENT" });
});

test("names that the sandbox does not have are told with file and line", async (t) => {
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith(),
    "index.ts": pluginSaying("process.env.HOME", 'const crypt = (Buffer: string) => Buffer; crypt("own");'),
  });
  const later = await author.run(["build"]);
  assert.equal(later.code, 0, later.stderr);
  assert.match(later.stderr, /^warning: index\.ts:9:\d+: The sandbox has no "process"\. [^\n]+\n$/);

  await author.write({ "index.ts": pluginSaying("1", "const room = new Uint8Array(2);\nroom.fill(1);") });
  const atOnce = await author.run(["build"]);
  assert.equal(atOnce.code, 1);
  assert.match(
    atOnce.stderr,
    /does not load in the sandbox: [^\n]+\n {2}index\.ts:3:\d+: Here "Uint8Array is not a constructor" was thrown\.\n {2}index\.ts:3:\d+: The sandbox has no "Uint8Array"\. .*"binary"/,
  );

  await author.write({
    "plugin.json": manifestWith({ permissions: { binary: { reason: "Reads images" } } }),
  });
  const granted = await author.run(["build"]);
  assert.deepEqual([granted.code, granted.stderr], [0, ""]);
});

test("the entry is what package.json names as source, else index.ts; none is an error that says so", async (t) => {
  const author = await createAuthor(t);
  await author.write({ "plugin.json": manifestWith() });
  assert.match((await author.run(["build"])).stderr, /There is no index\.ts or index\.js/);

  await author.write({ "package.json": { source: "src/lamp.ts" }, "src/lamp.ts": pluginSaying("1") });
  assert.equal((await author.run(["build"])).code, 0);
});

test("a folder without plugin.json is no plugin", async (t) => {
  const author = await createAuthor(t);
  const outcome = await author.run(["build", "--json"]);

  assert.equal(outcome.code, 1);
  assert.equal(outcome.json().error.code, "manifest-missing");
});

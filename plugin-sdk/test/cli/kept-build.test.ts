/** The last build of a plugin, which its tests share: taken where it is what would be built, and never else. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { keptBuild } from "../../cli/build/index.ts";
import { digestTools } from "../../cli/build/toolchain.ts";
import { createTestHost } from "../../testing/index.ts";
import { type Author, createAuthor, manifestWith } from "./author.ts";

const code = (answer: string) => `
import { action, definePlugin, Type } from "@plugboard/plugin-sdk";
import { helped } from "helper";
export default definePlugin({ actions: { say: action({
  title: "Say", input: Type.Object({}), output: Type.Unknown(),
  run: () => { if (helped === "fail") throw new Error("failed"); return ${JSON.stringify(answer)} + helped; },
}) } });
`;

const mark = "/* kept */";

async function open(t: TestContext) {
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith(),
    "index.ts": code("one"),
    "node_modules/helper/package.json": { name: "helper", version: "1.0.0", main: "index.js" },
    "node_modules/helper/index.js": 'export const helped = "!";',
  });
  const folder = join(author.folder, "node_modules", ".cache", "plugboard");
  /** Builds, and says whether it was what was kept; what is kept afterwards can be told from what is built. */
  async function build(): Promise<{ code: string; wasKept: boolean }> {
    const built = await keptBuild({ directory: author.folder });
    const [name = ""] = await readdir(folder);
    const kept = JSON.parse(await readFile(join(folder, name), "utf8"));
    const wasKept = built.code.endsWith(mark);
    if (!wasKept) await writeFile(join(folder, name), JSON.stringify({ ...kept, code: kept.code + mark }));
    return { code: built.code, wasKept };
  }
  return { author, folder, build };
}

test("a build is taken again until something that goes into it changes", async (t) => {
  const { author, build } = await open(t);
  assert.equal((await build()).wasKept, false);
  assert.equal((await build()).wasKept, true);

  const changes: { [what: string]: (author: Author) => Promise<void> } = {
    "the plugin's code": ({ write }) => write({ "index.ts": code("two") }),
    "a package's code": ({ write }) =>
      write({ "node_modules/helper/index.js": 'export const helped = "?";' }),
    // Nothing that was read changes; there is only something that is found before it.
    "where a package is found": ({ write }) =>
      write({ "node_modules/helper.js": 'export const helped = "nearer";' }),
    "plugin.json": ({ write }) => write({ "plugin.json": manifestWith({ displayName: "Other" }) }),
    "which file is the entry": ({ write }) =>
      write({ "package.json": { type: "module", source: "other.ts" }, "other.ts": code("two") }),
  };
  for (const [what, change] of Object.entries(changes)) {
    await change(author);
    assert.equal((await build()).wasKept, false, what);
    assert.equal((await build()).wasKept, true, what);
  }
  const { code: last } = await build();
  for (const text of ['"two"', '"nearer"']) assert.ok(last.includes(text), text);
});

test("what was made by other tools, or is not whole, is built anew", async (t) => {
  const { folder, build } = await open(t);
  await build();
  const [name = ""] = await readdir(folder);
  const path = join(folder, name);
  const whole = await readFile(path, "utf8");
  const spoilt = [
    whole.slice(0, whole.length / 2),
    "",
    "null",
    JSON.stringify({ ...JSON.parse(whole), key: "other" }),
  ];
  for (const text of spoilt) {
    await writeFile(path, text);
    assert.equal((await build()).wasKept, false, text.slice(0, 20));
    assert.equal((await build()).wasKept, true);
  }
});

test("what it is built with differs by what runs of it, and by what that depends on", async (t) => {
  const { folder, write } = await createAuthor(t);
  const root = join(folder, "tools");
  const bundlerWith = (version: string) => ({ name: "bundler", version });
  await write({
    "tools/package.json": { name: "tools", version: "1.0.0", dependencies: { bundler: "*" } },
    "tools/index.ts": "one",
    "tools/dist/index.js": "one",
    "tools/node_modules/bundler/package.json": bundlerWith("1.0.0"),
  });
  /** Whether tools whose sources run, and those whose `dist` does, count as others for a change. */
  async function tellsApart(files: { [path: string]: string | object }): Promise<boolean[]> {
    const digests = () => Promise.all([true, false].map((fromSource) => digestTools(root, { fromSource })));
    const before = await digests();
    await write(files);
    const after = await digests();
    return before.map((one, index) => one !== after[index]);
  }
  assert.deepEqual(await tellsApart({ "tools/index.ts": "one" }), [false, false]);
  const [bySources] = await tellsApart({ "tools/index.ts": "two" });
  assert.ok(bySources);
  assert.deepEqual(await tellsApart({ "tools/dist/index.js": "two" }), [false, true]);
  const newer = { "tools/node_modules/bundler/package.json": bundlerWith("1.0.1") };
  assert.deepEqual(await tellsApart(newer), [true, true]);
});

test("many at once leave one whole build, and a plugin that does not build leaves none", async (t) => {
  const { author, folder, build } = await open(t);
  const builds = await Promise.all(Array.from({ length: 4 }, () => keptBuild({ directory: author.folder })));
  assert.equal(new Set(builds.map((built) => built.code)).size, 1);
  assert.equal((await readdir(folder)).length, 1);
  await build();
  assert.equal((await build()).wasKept, true);
  await author.write({ "index.ts": "export default 1;" });
  await assert.rejects(build(), /does not load/);
  await author.write({ "index.ts": code("one") });
  assert.equal((await build()).wasKept, true);
});

test("where nothing can be kept, a plugin is built each time", async (t) => {
  const { author } = await open(t);
  await author.write({ "node_modules/.cache": "no folder" });
  for (const _ of ["first", "second"])
    assert.match((await keptBuild({ directory: author.folder })).code, /"one"/);
});

test("a failure in a kept build says where in the author's code it was", async (t) => {
  const { author } = await open(t);
  await author.write({ "node_modules/helper/index.js": 'export const helped = "fail";' });
  const places: unknown[] = [];
  for (const _ of ["built", "kept"]) {
    const host = await createTestHost({ directory: author.folder });
    await host.run("say", {}).catch((error) => places.push(error.place, error.stack));
    await host.close();
  }
  assert.deepEqual(places.slice(0, 2), places.slice(2));
  assert.partialDeepStrictEqual(places[0], { file: "index.ts", line: 6 });
});

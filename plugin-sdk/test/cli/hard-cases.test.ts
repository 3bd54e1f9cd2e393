import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { type Json, openSandbox } from "@plugboard/sandbox";
import { buildPlugin } from "../../cli/index.ts";
import { createAuthor, manifestWith } from "./author.ts";
import { sameAsInNode } from "./hard-cases/same.ts";
import { refused, warnedOf } from "./hard-cases/told.ts";

test("what the build rewrites gives the same in the sandbox as in Node", async (t) => {
  const author = await createAuthor(t);
  const names = Object.keys(sameAsInNode);
  for (const [index, name] of names.entries())
    for (const [file, code] of Object.entries(sameAsInNode[name] ?? {}))
      await author.write({ [`${index}/${file}`]: code });
  await author.write({
    "package.json": { type: "module" },
    "plugin.json": manifestWith(),
    "index.ts": `
      import { action, definePlugin, Type } from "@plugboard/plugin-sdk";
      ${names.map((_, index) => `import case${index} from "./${index}/case.js";`).join("\n")}
      const asAction = (run) => action({ title: "x", input: Type.Object({}), output: Type.Unknown(), run });
      export default definePlugin({ actions: { ${names.map((_, index) => `case${index}: asAction(() => case${index}())`)} } });
    `,
  });
  const { manifest, code, warnings } = await buildPlugin({ directory: author.folder });
  const aboutFrozen = warnings.filter(({ message }) => message.startsWith("This changes"));
  assert.deepEqual(aboutFrozen, [], "a polyfill that finds nothing to do is not warned of");
  const sandbox = openSandbox({ id: manifest.id, version: manifest.version, code, binary: false });
  t.after(() => sandbox.close());

  for (const [index, name] of names.entries())
    await t.test(name, async () => {
      const inNode = await import(pathToFileURL(join(author.folder, String(index), "case.js")).href);
      const expected: Json = JSON.parse(JSON.stringify(await inNode.default()));
      const target = { kind: "action", name: `case${index}` } as const;
      assert.deepEqual(
        await sandbox.call({ tenantId: "tnt_1", target, input: {}, capabilities: {} }),
        expected,
      );
    });
});

const index = `
import { action, definePlugin, Type } from "@plugboard/plugin-sdk";
import run from "./case.js";
export default definePlugin({
  actions: { act: action({ title: "x", input: Type.Object({}), output: Type.Unknown(), run }) },
});
`;

describe("what would be different in the sandbox is refused with file and line", () => {
  for (const [what, { files, problem }] of Object.entries(refused))
    test(what, async (t) => {
      const author = await createAuthor(t);
      await author.write({ "plugin.json": manifestWith(), "index.ts": index, ...files });
      const outcome = await author.run(["build"]);
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, problem);
    });
});

describe("what may be different in the sandbox is warned of with file and line", () => {
  for (const [what, { files, problem }] of Object.entries(warnedOf))
    test(what, async (t) => {
      const author = await createAuthor(t);
      await author.write({ "plugin.json": manifestWith(), "index.ts": index, ...files });
      const outcome = await author.run(["build"]);
      assert.equal(outcome.code, 0, outcome.stderr);
      assert.match(outcome.stderr, problem);
    });
});

test("a capability that plugin.json does not ask for is told where run() takes it", async (t) => {
  const author = await createAuthor(t);
  const taking = (context: string) => `
import { action, definePlugin, Type } from "@plugboard/plugin-sdk";
const act = action({ title: "x", input: Type.Object({}), output: Type.Unknown(),
  async run(${context}) { return storage?.get("a") ?? null; } });
let storage;
export default definePlugin({ actions: { act } });
`;
  await author.write({ "plugin.json": manifestWith(), "index.ts": taking("{ storage, events }") });
  const warned = await author.run(["build"]);
  assert.match(warned.stderr, /index\.ts:4:\d+: "storage" is not there without "storage" under permissions/);
  assert.match(warned.stderr, /index\.ts:4:\d+: "events" is not there without "events" with "publish"/);

  await author.write({ "index.ts": taking("{ storage = undefined }") });
  assert.equal((await author.run(["build"])).stderr, "", "a default value says that the author knows");

  const permissions = {
    storage: { maxBytes: 1000, reason: "Remembers" },
    events: { publish: ["lamp.*"], reason: "Tells" },
  };
  await author.write({
    "plugin.json": manifestWith({ permissions }),
    "index.ts": taking("{ storage, events }"),
  });
  assert.equal((await author.run(["build"])).stderr, "");
});

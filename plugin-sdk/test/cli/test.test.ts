import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuthor, manifestWith, pluginSaying } from "./author.ts";

const testing = (expected: string) => `
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestHost } from "@plugboard/plugin-sdk/testing";

test("it blinks", async (t) => {
  const host = await createTestHost({ directory: "." });
  t.after(() => host.close());
  assert.deepEqual(await host.run("blink", {}), { said: ${expected} });
});
test("another", () => {});
test("recording", { skip: process.env.PLUGBOARD_RECORD !== "1" }, () => {});
`;

test("the author's tests run against the built plugin; a failure is told by file and line", async (t) => {
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith(),
    "index.ts": pluginSaying("1"),
    "test/blink.test.ts": testing("1"),
    "node_modules/other/other.test.js": "throw new Error('not ours');",
  });
  const passed = await author.run(["test", "--json"]);
  assert.equal(passed.code, 0, passed.stderr);
  assert.deepEqual(passed.json(), { tests: 3, passed: 2, failed: 0, skipped: 1 });

  await author.write({ "test/blink.test.ts": testing("2") });
  const failed = await author.run(["test", "--json"]);
  assert.equal(failed.code, 1);
  const { code, problems } = failed.json().error;
  assert.equal(code, "tests-failed");
  assert.deepEqual(
    problems.map(({ file, line }: { file: string; line: number }) => [file, line]),
    [["test/blink.test.ts", 6]],
  );
  assert.match(problems[0].message, /^it blinks: /);

  const one = await author.run(["test", "--name", "^another$"]);
  assert.equal(one.code, 0, one.stderr);
  assert.match(one.stdout, /another/);
  const recorded = await author.run(["test", "--record", "--name", "^recording$", "--json"]);
  assert.equal(recorded.json().skipped, 0);
});

test("a plugin that does not build is not tested, and one without tests says so", async (t) => {
  const author = await createAuthor(t);
  await author.write({ "plugin.json": manifestWith({ version: "1" }), "index.ts": pluginSaying("1") });
  assert.match((await author.run(["test"])).stderr, /plugin\.json:3:3: \/version/);
  await author.write({ "plugin.json": manifestWith() });
  const outcome = await author.run(["test", "--json"]);
  assert.equal(outcome.json().error.code, "tests-missing");
});

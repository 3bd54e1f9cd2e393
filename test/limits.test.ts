/** The table of limits, the docs and the code say the same. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { coreErrorTable } from "../core/errors.ts";
import { capabilityErrors } from "../core/kernel/capabilities/index.ts";
import { limitTable } from "../core/kernel/limits/index.ts";
import { limitsReference } from "../scripts/limits-reference.ts";

const root = path.resolve(import.meta.dirname, "..");

test("docs/limits.md is what the table says", () => {
  const docs = readFileSync(path.join(root, "docs/limits.md"), "utf8");
  assert.equal(docs, limitsReference(), "docs/limits.md is out of date: run `npm run docs`");
});

test("every default is one that an operator could set", () => {
  for (const [name, { min, max, default: value }] of Object.entries(limitTable))
    assert.ok(Number.isSafeInteger(value) && min <= value && value <= max, `${name}: ${value}`);
});

test("every code of a limit is one of the host's, of a capability's, or of the sandbox's", () => {
  // What the sandbox tells plugin code, or writes into its log.
  const inside =
    /^(argument-too-large|too-many-(timers|capability-calls(-in-all)?)|log-(lines|bytes)-exceeded|hook-busy)$/;
  const unknown = Object.values(limitTable).filter(
    ({ code }) =>
      code !== undefined &&
      !Object.hasOwn(coreErrorTable, code) &&
      !Object.hasOwn(capabilityErrors, code) &&
      !inside.test(code),
  );
  assert.deepEqual(unknown, []);
});

test("every limit that refuses something has a test that speaks of it", () => {
  const files = globSync(["{sandbox,core}/test/**/*.ts", "test/{end-to-end,security}/**/*.ts"], {
    cwd: root,
  });
  const tests = files.map((file) => readFileSync(path.join(root, file), "utf8")).join("\n");
  const isNamed = (name: string) => new RegExp(`\\b${name}\\b`).test(tests);
  const untested = Object.entries(limitTable).filter(
    ([name, limit]) =>
      limit.code !== undefined && !isNamed(name) && !("egress" in limit && isNamed(String(limit.egress))),
  );
  assert.deepEqual(
    untested.map(([name]) => name),
    [],
  );
});

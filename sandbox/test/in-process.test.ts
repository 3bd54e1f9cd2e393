import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const files = ["capabilities", "lifetime", "limits", "values", "web-names"];

for (const file of files) {
  test(`with isolation "process", everything in ${file}.test.ts holds too`, () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status, stdout } = spawnSync(
      process.execPath,
      [...process.execArgv, "--test", fileURLToPath(new URL(`./${file}.test.ts`, import.meta.url))],
      { env: { ...env, PLUGBOARD_TEST_ISOLATION: "process" }, encoding: "utf8" },
    );
    assert.equal(status, 0, stdout.slice(-5000));
    assert.match(stdout, /pass [1-9]/);
  });
}

/**
 * What crosses between plugin and host, and what ends a call, once more with isolation "process". Left out is what shows
 * nothing new there: what the files run in both isolations anyhow, and what goes on within the thread, which is the same.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const files: { [file: string]: string[] } = {
  capabilities: [],
  lifetime: [],
  // What spins or fills its memory otherwise does so in both isolations in test/security/attacks/starving.test.ts.
  limits: [
    "/\\(in a (thread|process)\\)$/",
    "/^a host that was held up itself/",
    "/ fills its memory with (?!small objects|a wide output)/",
    "/ spins (?!at once|in a getter of|in toJSON)/",
  ],
  // One refusal of each kind crosses as any other: by type, by depth, by number.
  values: ["/^(?!a function|a cycle|too many values).* does not leave$/"],
  "web-names": ["/: plugin code finds what it knows from elsewhere$/"],
};

for (const [file, shownElsewhere] of Object.entries(files)) {
  test(`with isolation "process", what crosses or ends a call in ${file}.test.ts holds too`, () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const skipped = shownElsewhere.map((pattern) => `--test-skip-pattern=${pattern}`);
    const path = fileURLToPath(new URL(`./${file}.test.ts`, import.meta.url));
    const { status, stdout } = spawnSync(
      process.execPath,
      [...process.execArgv, "--test", ...skipped, path],
      { env: { ...env, PLUGBOARD_TEST_ISOLATION: "process" }, encoding: "utf8" },
    );
    assert.equal(status, 0, stdout.slice(-5000));
    assert.match(stdout, /pass [1-9]/);
  });
}

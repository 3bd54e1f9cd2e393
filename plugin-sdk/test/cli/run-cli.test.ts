import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuthor } from "./author.ts";

test("help names every command, the environment and the exit codes", async (t) => {
  const author = await createAuthor(t);
  const help = await author.run(["--help"]);

  assert.equal(help.code, 0);
  for (const word of [
    "init",
    "build",
    "keys",
    "sign",
    "publish",
    "search",
    "PLUGBOARD_PUBLISHER_KEY",
    "Exit codes",
  ])
    assert.ok(help.stdout.includes(word), word);
  assert.match((await author.run(["publish", "--help"])).stdout, /--register[\s\S]*--json/);
});

test("wrong usage is exit code 2, with one JSON document where JSON was asked for", async (t) => {
  const author = await createAuthor(t);

  assert.equal((await author.run(["frobnicate"])).code, 2);
  assert.equal((await author.run(["build", "--frobnicate"])).code, 2);
  assert.equal((await author.run([])).code, 2);
  const outcome = await author.run(["init", "--json"]);
  assert.equal(outcome.json().error.code, "usage");
  assert.equal(outcome.stderr, "");
});

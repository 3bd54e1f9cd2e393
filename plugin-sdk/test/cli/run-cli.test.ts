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
    "PLUGBOARD_SIGNING_KEY",
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

test("a command that is spelled nearly right is named", async (t) => {
  const author = await createAuthor(t);

  assert.match((await author.run(["pubish"])).stderr, /unknown command 'pubish'\n.*Did you mean publish\?/);
  assert.match((await author.run(["pubish", "--json"])).json().error.message, /Did you mean publish\?/);
  assert.match((await author.run(["keys", "creat"])).stderr, /Did you mean create\?/);
});

test("stdout is the result's alone, and --quiet leaves warnings and errors", async (t) => {
  const author = await createAuthor(t);

  const loud = await author.run(["keys", "create", "acme", "--no-passphrase", "--json"]);
  assert.deepEqual([loud.json().publisher, loud.stderr.startsWith("warning: ")], ["acme", true]);
  const quiet = await author.run(["keys", "export", "acme", "a.json", "--plain", "--quiet"]);
  assert.match(quiet.stderr, /^warning: .* Hand it to your CI's secret store/);
  assert.match((await author.run(["sign", "--quiet"])).stderr, /^error: Nothing was built/);
});

test("colours are for terminals, and NO_COLOR is obeyed", async (t) => {
  const author = await createAuthor(t);
  const stderr = async (terminal: boolean, env = {}) =>
    (await author.run(["sign"], env, { terminal })).stderr;

  assert.ok((await stderr(true)).startsWith("\u001b[31merror:"));
  assert.match(await stderr(true, { NO_COLOR: "1" }), /^error:/);
  assert.match(await stderr(true, { TERM: "dumb" }), /^error:/);
  assert.match(await stderr(false), /^error:/);
});

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createAuthor } from "./author.ts";

test("bash completes commands, options, and the values that these may have", async (t) => {
  const author = await createAuthor(t);
  const file = join(author.folder, "completion.bash");
  await writeFile(file, (await author.run(["completion", "bash"])).stdout);
  /** What bash itself offers for the last word of a line. */
  const complete = (...words: string[]) => {
    const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      "$(complete -p plugboard | sed 's/.*-F \\([^ ]*\\).*/\\1/')"; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const printed = execFileSync("bash", ["-c", script, "bash", file, ...words], { encoding: "utf8" });
    return printed.split("\n").filter((word) => word !== "");
  };

  assert.deepEqual(complete("plugboard", "pub"), ["publish", "publications"]);
  assert.deepEqual(complete("plugboard", "keys", "cr"), ["create"]);
  assert.deepEqual(complete("plugboard", "--json", "keys", "cr"), ["create"]);
  assert.deepEqual(complete("plugboard", "install", "acme/x", "--cons"), ["--consent"]);
  assert.deepEqual(complete("plugboard", "search", "--sort", "r"), ["relevance", "rating"]);
  assert.ok(complete("plugboard", "keys", "create", "--").includes("--no-passphrase"));
  assert.deepEqual(complete("plugboard", "sign", "di"), [], "files are bash's own to complete");
  assert.deepEqual(complete("plugboard", "search", "--registry", "pub"), []);
  const everything = complete("plugboard", "");
  assert.ok(everything.length > 20 && everything.includes("completion"));
});

for (const shell of ["zsh", "fish"]) {
  const isHere = spawnSync(shell, ["--version"]).status === 0;

  test(`${shell} is told every command, with its meaning${isHere ? ", in words that it can read" : ""}`, async (t) => {
    const author = await createAuthor(t);
    const { script } = (await author.run(["completion", shell, "--json"])).json();
    for (const told of ["publish", "send a signed package to the registry", "/keys/create", "no-passphrase"])
      assert.ok(script.includes(told), told);
    if (!isHere) return t.diagnostic(`${shell} is not installed here: its script was not read by it`);
    const file = join(author.folder, "completion");
    await writeFile(file, script);
    const read = spawnSync(shell, ["-n", file], { encoding: "utf8" });
    assert.deepEqual([read.status, read.stderr], [0, ""]);
  });
}

test("there are no other shells", async (t) => {
  const author = await createAuthor(t);
  assert.match((await author.run(["completion", "cmd"])).stderr, /Allowed choices are bash, zsh, fish/);
});

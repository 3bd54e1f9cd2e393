/** The commands, their tables and docs/cli.md say the same. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { exitCodeTable } from "../plugin-sdk/cli/exit-codes.ts";
import { failureCodes } from "../plugin-sdk/cli/failure-codes.ts";
import { cliReference, commandTree, leavesOf } from "../scripts/cli-reference.ts";

const root = path.resolve(import.meta.dirname, "..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");
const code = globSync("plugin-sdk/cli/**/*.ts", { cwd: root })
  .filter((file) => !file.includes("/templates/") && !file.endsWith("failure-codes.ts"))
  .map(read)
  .join("\n");

test("docs/cli.md is what the commands and tables say", () => {
  const docs = cliReference(read("scripts/cli-introduction.md"));
  assert.equal(read("docs/cli.md"), docs, "docs/cli.md is out of date: run `npm run docs`");
});

test("every code that a command fails with is in the table, and every code of the table is used", () => {
  const used = [...code.matchAll(/new CliFailure\(\s*"([a-z0-9-]+)"/g)].map((match) => match[1] ?? "");
  assert.ok(used.length > 30);
  assert.deepEqual(
    [...new Set(used)].filter((name) => !Object.hasOwn(failureCodes, name)),
    [],
    "add them to plugin-sdk/cli/failure-codes.ts",
  );
  assert.deepEqual(
    Object.keys(failureCodes).filter((name) => !code.includes(`"${name}"`)),
    [],
  );
});

test("exit codes are told apart, and fit into the byte that a shell sees", () => {
  const codes = Object.values(exitCodeTable).map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
  assert.ok(codes.every((code) => Number.isInteger(code) && code >= 0 && code <= 255));
});

test("every command and option says what it is", () => {
  for (const command of leavesOf(commandTree())) {
    assert.ok(command.description(), command.name());
    for (const { description, flags } of command.options)
      assert.ok(description, `${command.name()} ${flags}`);
  }
});

/** The commands, their tables and docs/cli.md say the same. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { examplesOf } from "../plugin-sdk/cli/examples.ts";
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

test("every command has an example, whose words and options are its own", () => {
  const program = commandTree();
  const everywhere = ["--json", "--quiet"];
  for (const command of leavesOf(program)) {
    if (command.name() === "init") continue; // What it makes says by itself how to go on.
    const examples = examplesOf(command);
    assert.ok(examples.length > 0, `${command.name()} has no example: see addExamples`);
    for (const [line] of examples) {
      const calls = line.split(/&& |\| |<\(|; /).map((part) => /\bplugboard (.*)/.exec(part)?.[1] ?? "");
      const own = calls.filter((call) =>
        pathOf(command).every((word, at) => isWord(command, call, word, at)),
      );
      assert.ok(own.length > 0, `"${line}" is no call of ${pathOf(command).join(" ")}`);
      const known = [...command.options.map(({ long }) => long ?? ""), ...everywhere];
      const used = own.join(" ").match(/(?<= )--[a-z-]+/g) ?? [];
      assert.deepEqual(
        used.filter((flag) => !known.includes(flag)),
        [],
        line,
      );
    }
  }
});

/** The words that lead to a command. */
function pathOf(command: ReturnType<typeof commandTree>): string[] {
  return command.parent ? [...pathOf(command.parent), command.name()] : [];
}

/** Whether a call has this word at this place; that of a default command may be left out. */
function isWord(command: ReturnType<typeof commandTree>, call: string, word: string, at: number): boolean {
  const isDefault = at === pathOf(command).length - 1 && at > 0 && command.name() === "serve";
  return isDefault || call.split(" ")[at] === word;
}

test("every command and option says what it is", () => {
  for (const command of leavesOf(commandTree())) {
    assert.ok(command.description(), command.name());
    for (const { description, flags } of command.options)
      assert.ok(description, `${command.name()} ${flags}`);
  }
});

/** docs/plugin-authoring.md, word for word: every file and command of its first part, and what the commands answer. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { packCommand, putNodeModules, putTarball } from "../../plugin-sdk/test/packed/index.ts";
import { startTestHost } from "../support/host.ts";
import { openShell, type Shell } from "../support/shell.ts";
import { readTutorial, type Step } from "../support/tutorial.ts";

const repository = path.resolve(import.meta.dirname, "../..");

test("the tutorial for authors says what happens", async (t) => {
  const text = await readFile(path.join(repository, "docs/plugin-authoring.md"), "utf8");
  const steps = readTutorial(text.slice(0, text.indexOf("### After publishing")));
  assert.ok(steps.length > 20, `only ${steps.length} steps were found`);
  const host = await startTestHost(t);
  // Where the text says where things are, they are elsewhere here.
  const shell = await openShell(t, {
    "/tmp": (folder) => folder,
    "http://127.0.0.1:8080": () => host.address,
  });

  for (const step of steps) {
    if (step.kind === "file") await shell.write(step.path, step.content);
    else if (step.where === "terminal") await shell.watch(step.command, step.output);
    else await follow(shell, step);
  }
});

/** What is slow was done before, once for all tests: the packing, and the unpacking of what an install would unpack. */
async function follow(
  shell: Shell,
  { where, command = "", output }: Step & { kind: "command" },
): Promise<void> {
  if (where === "checkout") {
    assert.equal(command, `${packCommand} /tmp`);
    assert.equal(await putTarball(shell.root), output.trim());
    return;
  }
  // npm itself still runs: it compares, and installs anew what differs, the SDK from its tarball among it.
  const install = /^(?:cd (\S+) && )?npm install /.exec(command);
  if (install) await putNodeModules(path.join(shell.where(), install[1] ?? ""));
  await shell.expect(command, output);
}

import { openSandbox, SandboxError } from "@plugboard/sandbox";
import { type PluginBuild, placesOf } from "../build/index.ts";
import type { FailureProblem } from "../failure.ts";

/** As registries give it: nothing is called, so a plugin needs far less than when it serves. */
const limits = { deadlineMs: 25_000, cpuMs: 5_000, backOffMs: 100 };

/** Whether the code loads where a host runs a stranger's: in a process of its own, behind every wall that this machine has. */
export async function loadAsHostsDo({ manifest, code, originOf }: PluginBuild): Promise<FailureProblem[]> {
  const { id, version, permissions, main } = manifest;
  const plugin = { id, version, code, binary: permissions.binary !== undefined };
  const sandbox = openSandbox(plugin, { isolation: "process", limits });
  try {
    await sandbox.describe();
    return [];
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    const message = `The code does not load in the sandbox of a host (${error.code}): ${error.message}`;
    const [place] = placesOf(error.thrown?.stack, originOf);
    return [{ code: "load-failed", file: main, ...place, message }];
  } finally {
    await sandbox.close({ graceMs: 0 });
  }
}

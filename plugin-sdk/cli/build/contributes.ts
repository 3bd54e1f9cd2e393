import { openSandbox, SandboxError } from "@plugboard/sandbox";
import type { Contributes, Manifest } from "../../manifest/index.ts";
import { CliFailure, type FailureProblem } from "../failure.ts";

/**
 * Loads the built code in the sandbox that hosts run it in, and asks what it offers.
 *
 * @param suspects what may be why, told with the failure
 * @throws {CliFailure} when the code does not load there
 */
export async function readContributes(
  manifest: Manifest,
  code: string,
  suspects: FailureProblem[],
): Promise<Contributes> {
  const sandbox = openSandbox({
    id: manifest.id,
    version: manifest.version,
    code,
    binary: manifest.permissions.binary !== undefined,
  });
  try {
    return (await sandbox.describe()) as Contributes;
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    throw new CliFailure(
      error.code,
      `The plugin does not load in the sandbox: ${error.thrown?.message ?? error.message}`,
      { problems: suspects, cause: error },
    );
  } finally {
    await sandbox.close();
  }
}

import { openSandbox, SandboxError } from "@plugboard/sandbox";
import type { Contributes, Manifest } from "../../manifest/index.ts";
import { CliFailure, type FailureProblem } from "../failure.ts";
import type { HardCode } from "./harden.ts";
import { placesOf } from "./stack.ts";

/**
 * Loads the built code in the sandbox that hosts run it in, and asks what it offers, and what it says of the settings of
 * its connections.
 *
 * @throws {CliFailure} when the code does not load there, with the place and with what may be why
 */
export async function readContributes(
  manifest: Pick<Manifest, "id" | "version" | "permissions">,
  { code, suspects, originOf }: HardCode,
): Promise<{ contributes: Contributes; configs: { [place: string]: unknown } }> {
  const sandbox = openSandbox({
    id: manifest.id,
    version: manifest.version,
    code,
    binary: manifest.permissions.binary !== undefined,
  });
  try {
    const { configs = {}, ...shape } = await sandbox.describe();
    // As the code says it; checkManifest looks at it next.
    return { contributes: shape as unknown as Contributes, configs };
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    throw new CliFailure(
      error.code,
      `The plugin does not load in the sandbox: ${error.thrown?.message ?? error.message}`,
      { problems: [...placeOf(error, originOf), ...suspects], cause: error },
    );
  } finally {
    await sandbox.close();
  }
}

function placeOf({ thrown }: SandboxError, originOf: HardCode["originOf"]): FailureProblem[] {
  const [place] = placesOf(thrown?.stack, originOf);
  if (!place) return [];
  return [{ code: "load-failed", ...place, message: `Here ${JSON.stringify(thrown?.message)} was thrown.` }];
}

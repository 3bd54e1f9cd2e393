import { type SignedRoot, verifyRoot } from "@plugboard/plugin-sdk/trust";
import { EnvironmentError } from "@plugboard/service-kit/environment";

/**
 * A root that nobody could believe would be found out at the first install only, and so is looked at before the start.
 *
 * @throws EnvironmentError
 */
export async function checkGivenRoot(root: SignedRoot | undefined): Promise<void> {
  if (root === undefined) return;
  await verifyRoot(root).catch((cause: Error) => {
    throw new EnvironmentError(`PLUGBOARD_REGISTRY_ROOT: ${cause.message}`, { cause });
  });
}

import type { RegistryClient } from "@plugboard/registry/client";
import type { Logger } from "@plugboard/service-kit/observe";
import type { CoreConfig } from "./config.ts";

type Where = Pick<CoreConfig, "registryUrl" | "registryToken">;

/** Where a registry is found that is not this process's own. */
export function registryApart({ registryUrl = "", registryToken }: Where) {
  return { baseUrl: registryUrl, ...(registryToken !== undefined && { hostToken: registryToken }) };
}

/** What is installed runs without the registry, so the host starts without it too; but its operator should know. */
export async function warnOfRegistry(
  registry: Pick<RegistryClient, "getRoot">,
  { registryUrl, registryToken }: Where,
  logger: Logger,
): Promise<void> {
  if (registryToken === undefined) {
    logger.warn(
      "PLUGBOARD_REGISTRY_TOKEN is not set, so the registry will refuse to install anything for this host",
    );
  }
  try {
    await registry.getRoot();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    logger.warn(
      { registryUrl, cause },
      "the registry does not answer; until it does, nothing can be searched or installed. Check PLUGBOARD_REGISTRY_URL",
    );
  }
}

import type { RegistryClient } from "@plugboard/registry/client";
import type { Logger } from "@plugboard/service-kit/observe";
import type { ActivePlugins } from "./active-plugins.ts";
import type { RegistryTrust } from "./trust/index.ts";

/**
 * Follows for whom the registry vouches: when its log has gone on, it is asked about the publishers whose code runs in this
 * process. What it answers is a hint, on which the release's own signatures are fetched and verified anew.
 */
export function followBadges(options: {
  trust: Pick<RegistryTrust, "onAdvance">;
  registry: Pick<RegistryClient, "getPublisher">;
  activePlugins: Pick<ActivePlugins, "vouchedFor" | "reconsider">;
  logger: Logger;
}): { settled(): Promise<void> } {
  const { trust, registry, activePlugins, logger } = options;
  let looking: Promise<void> | undefined;
  let isOutdated = false;

  async function look(): Promise<void> {
    do {
      isOutdated = false;
      for (const publisher of activePlugins.vouchedFor()) {
        try {
          const { verified } = await registry.getPublisher(publisher);
          if (!verified) await activePlugins.reconsider(publisher);
        } catch (err) {
          // It is asked again at the next news, and whenever a release is started.
          logger.warn({ publisher, err }, "whether somebody vouches for a publisher could not be learnt");
        }
      }
    } while (isOutdated);
  }

  trust.onAdvance(() => {
    isOutdated = true;
    looking ??= look().finally(() => {
      looking = undefined;
    });
  });

  return {
    settled: async () => looking,
  };
}

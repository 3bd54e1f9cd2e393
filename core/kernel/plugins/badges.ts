import type { RegistryClient } from "@plugboard/registry/client";
import type { Logger } from "@plugboard/service-kit/observe";
import type { ActivePlugins } from "./active-plugins.ts";
import type { RegistryTrust } from "./trust/index.ts";

/**
 * Follows for whom the registry vouches: when its log has gone on, it is asked about the publishers whose code runs in this
 * process. What it answers is a hint, on which the release's own signatures are fetched and verified anew. Where that does not
 * come about, it is asked again after `againMs`: in a quiet registry the next news may be days away.
 */
export function followBadges(options: {
  trust: Pick<RegistryTrust, "onAdvance">;
  registry: Pick<RegistryClient, "getPublisher">;
  activePlugins: Pick<ActivePlugins, "vouchedFor" | "reconsider">;
  logger: Logger;
  againMs?: number;
}): { settled(): Promise<void> } {
  const { trust, registry, activePlugins, logger, againMs = 60_000 } = options;
  let looking: Promise<void> | undefined;
  let isOutdated = false;

  let again: NodeJS.Timeout | undefined;

  /** @returns whether code of the publisher's runs in this process for what is known now */
  async function settle(publisher: string): Promise<boolean> {
    try {
      const { verified } = await registry.getPublisher(publisher);
      if (verified) return true;
      await activePlugins.reconsider(publisher);
      return !activePlugins.vouchedFor().includes(publisher);
    } catch (err) {
      logger.warn({ publisher, err }, "whether somebody vouches for a publisher could not be learnt");
      return false;
    }
  }

  async function look(): Promise<void> {
    let isSettled: boolean;
    do {
      isOutdated = false;
      isSettled = true;
      for (const publisher of activePlugins.vouchedFor()) if (!(await settle(publisher))) isSettled = false;
    } while (isOutdated);
    clearTimeout(again);
    if (!isSettled) again = setTimeout(begin, againMs).unref();
  }

  function begin(): void {
    isOutdated = true;
    looking ??= look().finally(() => {
      looking = undefined;
    });
  }

  trust.onAdvance(begin);

  return {
    settled: async () => looking,
  };
}

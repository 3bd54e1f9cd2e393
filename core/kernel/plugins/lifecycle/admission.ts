import type { Receipt } from "@plugboard/plugin-sdk/trust";
import type { RegistryInstall } from "@plugboard/registry/client";
import { coreError } from "../../../errors.ts";
import type { ActivePlugin, ActivePlugins, ReleaseName } from "../active-plugins.ts";
import type { Quarantine } from "../quarantine/index.ts";
import { checkConsent, verifyReceipt } from "../receipt.ts";
import type { RegistryTrust } from "../trust/index.ts";

export interface Admission {
  /**
   * Checks the registry's answer alone: that it signed this install, of this tenant, of this plugin.
   * @param asked what the answer has to be about: a receipt of another install is as well signed as this one's
   * @throws `release-not-trusted`, `registry-not-trusted`, `registry-stale`, `registry-unavailable`
   */
  verify(
    tenantId: string,
    recorded: RegistryInstall,
    asked: { plugin: string; id?: string },
  ): Promise<Receipt>;
  /**
   * Verifies the release that the receipt names and starts it, before any row says that it is installed.
   * @throws `release-not-trusted`, `release-blocked`, `plugin-load-failed`, `release-quarantined`
   */
  start(receipt: Receipt): Promise<ActivePlugin>;
}

export function createAdmission(options: {
  activePlugins: ActivePlugins;
  quarantine: Pick<Quarantine, "of">;
  trust: Pick<RegistryTrust, "onlineKeys" | "requireFresh" | "refuseBlocked">;
}): Admission {
  const { activePlugins, quarantine, trust } = options;
  return {
    async verify(tenantId, recorded, asked) {
      // First, since the receipt may be signed with a key that this host has not heard of, or should hear no more of.
      await trust.requireFresh();
      return verifyReceipt({ ...recorded, ...asked }, tenantId, await trust.onlineKeys());
    },

    async start(receipt) {
      const { plugin, version, tarballSha512, tenantId } = receipt;
      const release: ReleaseName = { plugin, version, tarballSha512, tenantId };
      trust.refuseBlocked(release);
      const held = await quarantine.of(release, tenantId);
      if (held) throw quarantined(release, held.reason);
      const started = await activePlugins.probe(release);
      checkConsent(receipt, started.manifest);
      return started;
    },
  };
}

function quarantined({ plugin, version }: ReleaseName, reason: string) {
  return coreError(
    "release-quarantined",
    `${plugin} ${version} is in quarantine: ${reason} Take another version, or ask whoever runs this host to lift it.`,
    { plugin, version },
  );
}

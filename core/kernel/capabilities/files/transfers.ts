import type { FileLimits, HostFileLimits } from "./limits.ts";
import { filesBusy, type TransferLimit } from "./refusals.ts";

/** Files that are on their way through this host: each takes some memory, however slow who sends or takes it is. */
export interface Transfers {
  /**
   * @param maker the plugin of the tenant whose file it is; left out where it is an application's
   * @returns to be called once, when it is through. @throws CapabilityError `files-busy`
   */
  begin(tenantId: string, maker?: Maker): () => void;
}

export interface Maker {
  installId: string;
  plugin: string;
  limits: Pick<FileLimits, "fileTransfersPerInstall" | "fileTransfersPerPlugin">;
}

interface Place {
  key: string;
  most: number;
  limit: TransferLimit;
}

/** Nobody's part is all of what there is: not an install's, not a plugin's over all tenants, not a tenant's. */
export function createTransfers(hostLimits: HostFileLimits): Transfers {
  const underWay = new Map<string, number>();
  const taken = (key: string) => underWay.get(key) ?? 0;

  function placesOf(tenantId: string, maker: Maker | undefined): Place[] {
    const { fileTransfersPerTenant, hostFileTransfers } = hostLimits;
    const ofAll: Place[] = [
      { key: `tenant ${tenantId}`, most: fileTransfersPerTenant, limit: "fileTransfersPerTenant" },
      { key: "host", most: hostFileTransfers, limit: "hostFileTransfers" },
    ];
    if (!maker) return ofAll;
    const { installId, plugin, limits } = maker;
    const { fileTransfersPerInstall, fileTransfersPerPlugin } = limits;
    return [
      { key: `install ${installId}`, most: fileTransfersPerInstall, limit: "fileTransfersPerInstall" },
      { key: `plugin ${plugin}`, most: fileTransfersPerPlugin, limit: "fileTransfersPerPlugin" },
      ...ofAll,
    ];
  }

  return {
    begin(tenantId, maker) {
      const places = placesOf(tenantId, maker);
      for (const { key, most, limit } of places) if (taken(key) >= most) throw filesBusy(limit, most);
      for (const { key } of places) underWay.set(key, taken(key) + 1);
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        for (const { key } of places) {
          const left = taken(key) - 1;
          if (left > 0) underWay.set(key, left);
          else underWay.delete(key);
        }
      };
    },
  };
}

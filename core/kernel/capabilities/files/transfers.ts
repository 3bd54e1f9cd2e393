import type { HostFileLimits } from "./limits.ts";
import { filesBusy } from "./refusals.ts";

/** Files that are on their way through this host: each takes some memory, however slow who sends or takes it is. */
export interface Transfers {
  /** @returns to be called once, when it is through. @throws CapabilityError `files-busy` */
  begin(tenantId: string): () => void;
}

export function createTransfers(limits: HostFileLimits): Transfers {
  const ofTenants = new Map<string, number>();
  let ofHost = 0;
  return {
    begin(tenantId) {
      const ofTenant = ofTenants.get(tenantId) ?? 0;
      if (ofTenant >= limits.fileTransfersPerTenant)
        throw filesBusy("fileTransfersPerTenant", limits.fileTransfersPerTenant);
      if (ofHost >= limits.hostFileTransfers) throw filesBusy("hostFileTransfers", limits.hostFileTransfers);
      ofTenants.set(tenantId, ofTenant + 1);
      ofHost++;
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        ofHost--;
        const left = (ofTenants.get(tenantId) ?? 1) - 1;
        if (left > 0) ofTenants.set(tenantId, left);
        else ofTenants.delete(tenantId);
      };
    },
  };
}

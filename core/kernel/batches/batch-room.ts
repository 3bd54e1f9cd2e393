import type { PlugboardError } from "@plugboard/service-kit/http";
import { coreError } from "../../errors.ts";
import type { BatchLimits } from "./limits.ts";

type RoomLimit = "hostBatches" | "batchesPerTenant" | "hostBatchBytes" | "batchBytesPerTenant";

/** What batches hold of a host: places while they are under way, and memory until their answers are through. */
export interface BatchRoom {
  /**
   * @param bytes of what was asked for
   * @throws `batches-limit-exceeded`
   */
  enter(batch: { tenantId: string; plugin: string; bytes: number }): Held;
}

/** What one batch holds. */
export interface Held {
  /** Counts what is there already. @returns false where there is no room for more: nothing further is to be begun */
  grow(bytes: number): boolean;
  /** It is under way no more. */
  leave(): void;
  /** Nothing of it is in memory any more. */
  release(): void;
}

interface Sum {
  batches: number;
  bytes: number;
}

export function createBatchRoom(
  limits: BatchLimits,
  limitReached: (plugin: string, limit: RoomLimit) => void,
): BatchRoom {
  const ofTenants = new Map<string, Sum>();
  const ofAll: Sum = { batches: 0, bytes: 0 };

  return {
    enter({ tenantId, plugin, bytes }) {
      const ofTenant = ofTenants.get(tenantId) ?? { batches: 0, bytes: 0 };
      const refuse = (limit: RoomLimit, found: string): PlugboardError => {
        limitReached(plugin, limit);
        return tooMany(found);
      };
      if (ofTenant.batches >= limits.batchesPerTenant)
        throw refuse("batchesPerTenant", `This tenant has ${ofTenant.batches} batches under way already`);
      if (ofAll.batches >= limits.hostBatches)
        throw refuse("hostBatches", `This host has ${ofAll.batches} batches under way already`);
      if (ofTenant.bytes + bytes > limits.batchBytesPerTenant)
        throw refuse("batchBytesPerTenant", `This tenant's batches hold ${ofTenant.bytes} bytes already`);
      if (ofAll.bytes + bytes > limits.hostBatchBytes)
        throw refuse("hostBatchBytes", `This host's batches hold ${ofAll.bytes} bytes already`);

      ofTenants.set(tenantId, ofTenant);
      let held = 0;
      const add = (batches: number, more: number) => {
        held += more;
        for (const sum of [ofTenant, ofAll]) {
          sum.batches += batches;
          sum.bytes += more;
        }
      };
      const tidy = () => {
        if (ofTenant.batches === 0 && ofTenant.bytes === 0) ofTenants.delete(tenantId);
      };
      add(1, bytes);
      return {
        grow(more) {
          add(0, more);
          const full =
            ofTenant.bytes > limits.batchBytesPerTenant
              ? "batchBytesPerTenant"
              : ofAll.bytes > limits.hostBatchBytes
                ? "hostBatchBytes"
                : undefined;
          if (full) limitReached(plugin, full);
          return !full;
        },
        leave() {
          add(-1, 0);
          tidy();
        },
        release() {
          add(0, -held);
          tidy();
        },
      };
    },
  };
}

function tooMany(found: string): PlugboardError {
  return coreError(
    "batches-limit-exceeded",
    `${found}, and no more may be at a time. Nothing was done.`,
    {},
    { headers: { "Retry-After": "1" } },
  );
}

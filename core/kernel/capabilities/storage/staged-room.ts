/**
 * What changes of installs hold in this process's memory until they are recorded: values that their hooks read, wrote or
 * are to bring back. The limits of one install alone would let a few of them fill it.
 */
export interface StagedRoom {
  open(tenantId: string): ChangeRoom;
}

/** The room of one change. */
export interface ChangeRoom {
  /** Holds so many bytes more, or fewer. @throws what `full` gives when there is no room */
  hold(bytes: number): void;
  /** Gives all of it back; there is none afterwards. */
  close(): void;
}

/**
 * @param most bytes of all changes, and of those of one tenant. A change that is the only one, of its tenant and of all,
 *   is not held to it: what its install may store it may also change.
 */
export function createStagedRoom(most: {
  hostBytes: number;
  tenantBytes: number;
  full: () => Error;
}): StagedRoom {
  const ofTenants = new Map<string, number>();
  let total = 0;

  return {
    open(tenantId) {
      let held = 0;
      let isClosed = false;

      function add(bytes: number): void {
        held += bytes;
        total += bytes;
        const ofTenant = (ofTenants.get(tenantId) ?? 0) + bytes;
        if (ofTenant > 0) ofTenants.set(tenantId, ofTenant);
        else ofTenants.delete(tenantId);
      }

      return {
        hold(bytes) {
          const ofTenant = ofTenants.get(tenantId) ?? 0;
          const isFull =
            (total > held && total + bytes > most.hostBytes) ||
            (ofTenant > held && ofTenant + bytes > most.tenantBytes);
          if (bytes > 0 && (isClosed || isFull)) throw most.full();
          if (!isClosed) add(bytes);
        },
        close() {
          add(-held);
          isClosed = true;
        },
      };
    },
  };
}

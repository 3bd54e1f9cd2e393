import { type Gate, isQuiet } from "./gate.ts";

/** Whose a gate is, of those that count the requests of one connection. */
export interface Owned {
  connectionId: string;
  tenantId: string;
  /** `declared` for all connections, `written` by the tenant for this one, or `told` by the vendor. */
  by: "declared" | "written" | "told";
}

export interface Leaving {
  gate: Gate;
  /** Whether it is of those for whom room is made. */
  isOwn: boolean;
}

/** Knows which gates are whose, and how many each may have. */
export interface Owners {
  add(gate: Gate, owned: Owned): void;
  used(gate: Gate): void;
  remove(gate: Gate): void;
  ofConnection(connectionId: string): Gate[];
  /** Whether another host of a connection may be remembered by itself for what it told. */
  hasRoomForTold(connection: Omit<Owned, "by">): boolean;
  /** What has to go for another one: its owner's, or, if all of the host's are too many, of whoever has most. */
  makeRoom(owned: Owned): Leaving | undefined;
}

/** How many are remembered. */
export interface GateBounds {
  ofConnection: number;
  /** Told by vendors, whom a tenant may name as it likes: of one connection, and of one tenant. */
  toldOfConnection: number;
  toldOfTenant: number;
  /** Written by tenants, who may write others at any time: of one tenant, and of all. */
  writtenOfTenant: number;
  written: number;
}

/** Of a connection three times what a declaration may have, so that a change or two forgets nothing. */
export const defaultGateBounds: GateBounds = {
  ofConnection: 64,
  toldOfConnection: 20,
  toldOfTenant: 20_000,
  writtenOfTenant: 20_000,
  written: 100_000,
};

export function createOwners(bounds: GateBounds): Owners {
  const owned = new Map<Gate, Owned>();
  /** Each with the gate used longest ago first. */
  const ofConnections = new Map<string, Set<Gate>>();
  /** What was written. */
  const ofTenants = new Map<string, Set<Gate>>();
  const toldOfTenants = new Map<string, number>();
  let written = 0;

  function setsOf({ connectionId, tenantId, by }: Owned): [Map<string, Set<Gate>>, string][] {
    const own: [Map<string, Set<Gate>>, string] = [ofConnections, connectionId];
    return by === "written" ? [own, [ofTenants, tenantId]] : [own];
  }

  function countTold({ tenantId, by }: Owned, change: number): void {
    if (by !== "told") return;
    const told = (toldOfTenants.get(tenantId) ?? 0) + change;
    if (told > 0) toldOfTenants.set(tenantId, told);
    else toldOfTenants.delete(tenantId);
  }

  /** What a vendor has told is never forgotten before its time: it would be asked again too soon. */
  function oldest(gates: Iterable<Gate>, isOwn = true): Leaving | undefined {
    for (const gate of gates) if (isQuiet(gate) && owned.get(gate)?.by !== "told") return { gate, isOwn };
    return undefined;
  }

  function oldestOfHeaviest(tenantId: string): Leaving | undefined {
    let most: [string, Set<Gate>] = ["", new Set()];
    for (const one of ofTenants) if (one[1].size > most[1].size) most = one;
    return oldest(most[1], most[0] === tenantId);
  }

  return {
    add(gate, whose) {
      owned.set(gate, whose);
      if (whose.by === "written") written++;
      countTold(whose, 1);
      for (const [sets, key] of setsOf(whose)) {
        const gates = sets.get(key) ?? new Set();
        sets.set(key, gates.add(gate));
      }
    },
    used(gate) {
      const whose = owned.get(gate);
      if (!whose) return;
      for (const [sets, key] of setsOf(whose)) {
        const gates = sets.get(key);
        gates?.delete(gate);
        gates?.add(gate);
      }
    },
    remove(gate) {
      const whose = owned.get(gate);
      if (!whose) return;
      owned.delete(gate);
      if (whose.by === "written") written--;
      countTold(whose, -1);
      for (const [sets, key] of setsOf(whose)) {
        const gates = sets.get(key);
        gates?.delete(gate);
        if (gates?.size === 0) sets.delete(key);
      }
    },
    ofConnection: (connectionId) => [...(ofConnections.get(connectionId) ?? [])],
    hasRoomForTold({ connectionId, tenantId }) {
      const own = [...(ofConnections.get(connectionId) ?? [])];
      const told = own.filter((gate) => owned.get(gate)?.by === "told").length;
      return told < bounds.toldOfConnection && (toldOfTenants.get(tenantId) ?? 0) < bounds.toldOfTenant;
    },
    makeRoom({ connectionId, tenantId, by }) {
      if (by === "told") return undefined;
      const ofConnection = ofConnections.get(connectionId) ?? new Set();
      if (ofConnection.size >= bounds.ofConnection) return oldest(ofConnection);
      const ofTenant = ofTenants.get(tenantId) ?? new Set();
      if (by === "written" && ofTenant.size >= bounds.writtenOfTenant) return oldest(ofTenant);
      if (by === "written" && written >= bounds.written) return oldestOfHeaviest(tenantId);
      return undefined;
    },
  };
}

import type { PluginExports } from "./compartment.ts";

export interface Tenants {
  /** The plugin's exports in this tenant's own compartment, evaluated when it is first asked for. */
  open(tenantId: string): PluginExports;
  has(tenantId: string): boolean;
  /** Forgets the half that was used longest ago. */
  forgetHalf(): void;
}

/**
 * One compartment per tenant. Past `max` the one used longest ago goes: what a plugin keeps in its module's
 * variables is a cache, nothing more.
 */
export function createTenants(evaluate: () => PluginExports, max: number): Tenants {
  const open = new Map<string, PluginExports>();
  const forget = (downTo: number) => {
    for (const oldest of open.keys()) {
      if (open.size <= downTo) break;
      open.delete(oldest);
    }
  };

  return {
    open(tenantId) {
      const found = open.has(tenantId) ? open.get(tenantId) : evaluate();
      open.delete(tenantId);
      open.set(tenantId, found);
      forget(max);
      return found;
    },
    has: (tenantId) => open.has(tenantId),
    forgetHalf: () => forget(Math.floor(open.size / 2)),
  };
}

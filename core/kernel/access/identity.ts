import type { Scope } from "./scopes.ts";

/** Who is calling: the operator with the admin key, or an application with a key of one tenant. */
export type Identity = AdminIdentity | TenantIdentity | AnonymousIdentity;

export interface AdminIdentity {
  kind: "admin";
}

export interface TenantIdentity {
  kind: "tenant";
  tenantId: string;
  keyId: string;
  scopes: readonly string[];
  /** When the key ends; null if it does not by itself. */
  expiresAt: Date | null;
}

export interface AnonymousIdentity {
  kind: "anonymous";
}

/**
 * What a route asks of its caller: nothing, the admin key, a tenant's key with a scope, or either of the two.
 */
export type Access = "public" | "admin" | { scope: Scope } | { scope: Scope; orAdmin: true };

/**
 * Who in the tenant acts, for what each may do once. A key is no person: a tenant makes as many of them as it likes, so all
 * of its keys are one subject, the tenant itself. Users will be subjects of their own.
 */
export function subjectOf(_identity: TenantIdentity): string {
  return "tenant";
}

/** For whom the registry is asked: a tenant sees what is private to it besides; the operator sees none of that. */
export function tenantOf(caller: Identity): string | undefined {
  return caller.kind === "tenant" ? caller.tenantId : undefined;
}

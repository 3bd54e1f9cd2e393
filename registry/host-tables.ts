import type { Generated } from "kysely";

/** Who may speak for which tenants, in schema `registry`. */
export interface HostTables {
  host_accounts: { name: string; created_at: Date };
  host_account_tokens: {
    id: string;
    host: string;
    /** SHA-256 of the token, lowercase hex. */
    hash: string;
    prefix: string;
    created_at: Date;
    revoked_at: Date | null;
  };
  tenant_hosts: { tenant_id: string; host: string; since: Date };
  /** Only appended to; the database refuses the rest. */
  tenant_moves: {
    id: Generated<number>;
    tenant_id: string;
    from_host: string | null;
    to_host: string;
    reason: string;
    at: Date;
  };
}

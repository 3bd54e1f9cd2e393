import type { ColumnType } from "kysely";
import type { PublicKey } from "./trust/schemas.ts";

/** The tables of hosts and of what their tenants use, in schema `registry`. */
export interface UsageTables {
  hosts: { id: string; created_at: Date };
  host_keys: HostKeysTable;
  host_tokens: { caller: string; host_id: string; created_at: Date };
  usage_reports: { id: string; host_id: string; kid: string; report: string; received_at: Date };
  usage_windows: UsageWindowsTable;
  usage_refusals: UsageRefusalsTable;
  usage_tenant_refs: { publisher: string; tenant_id: string; ref: string };
  usage_periods: { period: string; closed_at: Date };
  usage_lines: UsageLinesTable;
}

interface HostKeysTable {
  kid: string;
  host_id: string;
  public_jwk: ColumnType<PublicKey, string, never>;
  created_at: Date;
  ends_at: Date | null;
}

interface UsageWindowsTable {
  install_id: string;
  meter: string;
  /** A whole hour. */
  starts_at: Date;
  tenant_id: string;
  plugin: string;
  units: number;
  report_id: string;
}

interface UsageRefusalsTable {
  id: string;
  host_id: string;
  install_id: string;
  meter: string;
  starts_at: Date;
  units: number;
  reason: string;
  report_id: string;
  at: Date;
}

interface UsageLinesTable {
  id: string;
  /** `YYYY-MM` */
  period: string;
  tenant_id: string;
  plugin: string;
  terms: string;
  meter: string;
  units: number;
  free_units: number;
  /** Decimal digits: minor units. */
  amount: string;
  currency: string | null;
  invoiced_at: Date | null;
}

import type { Manifest, Permissions } from "@plugboard/plugin-sdk/manifest";
import type { ColumnType, Generated, Kysely } from "kysely";
import type { Static } from "typebox";
import type { Role, Scope } from "./accounts/index.ts";
import type { HostTables } from "./host-tables.ts";
import type { Policy } from "./policies/schemas.ts";
import type { PricingTables } from "./pricing-tables.ts";
import type { ReviewTables } from "./review-tables.ts";
import type { Finding, ScanSummary, Verdict } from "./scanning/index.ts";
import type { Block, Deprecation, LogEntryType } from "./transparency/index.ts";
import type { PublicKey } from "./trust/schemas.ts";
import type { UsageTables } from "./usage-tables.ts";

/** The tables of schema `registry`, as Kysely reads them. `sha512` and `consent` columns hold lowercase hex. */
export interface RegistryTables extends ReviewTables, PricingTables, UsageTables, HostTables {
  signing_keys: SigningKeysTable;
  roots: RootsTable;
  root_keys: RootKeysTable;
  log_entries: LogEntriesTable;
  index_records: {
    plugin: string;
    shard: number;
    hash: string;
    salt: ColumnType<string | null, string | null | undefined, never>;
  };
  index_shards: { shard: number; hash: string };
  checkpoints: CheckpointsTable;
  counters: { name: string; value: number };
  publishers: PublishersTable;
  publisher_keys: PublisherKeysTable;
  admitted_names: { name: string; reason: string; at: Date };
  delegations: DelegationsTable;
  blobs: { sha512: string; size: number; created_at: Generated<Date> };
  blob_chunks: { sha512: string; position: number; content: Buffer };
  tenant_policies: {
    tenant_id: string;
    version: number;
    policy: Json<Static<typeof Policy>>;
    changed_by: string;
    created_at: Date;
  };
  tenant_approvals: TenantApprovalsTable;
  tenant_publishers: { publisher: string; tenant_id: string; linked_at: Date };
  accounts: { id: string; display_name: string; created_at: Date };
  account_tokens: AccountTokensTable;
  publisher_members: PublisherMembersTable;
  publisher_transfers: PublisherTransfersTable;
  publisher_audit: PublisherAuditTable;
  arrivals: { kind: string; source: string; at: Date };
  publications: PublicationsTable;
  scans: ScansTable;
  notices: NoticesTable;
  versions: VersionsTable;
  listings: ListingsTable;
  installs: InstallsTable;
  install_history: InstallHistoryTable;
  version_files: VersionFilesTable;
  revocation_changes: { id: number; kind: "version" | "key"; owner: string; name: string; seq: number };
  plugin_co_installs: { plugin_id: string; other_id: string; tenants: number };
  removed_listings: { plugin: string; changed_in: ChangedIn };
  plugin_statistics: PluginStatisticsTable;
  plugin_days: { plugin_id: string; day: string; installs: Generated<number>; downloads: Generated<number> };
  download_marks: { day: string; plugin_id: string; downloader: string };
}

/** A connection or a transaction: queries work on both. */
export type RegistryDatabase = Kysely<RegistryTables>;

/** Parsed when read, handed over as JSON text when written. */
type Json<T> = ColumnType<T, string, string>;

/** The transaction that changed the row last; a trigger writes it. */
type ChangedIn = ColumnType<string, never, never>;

interface SigningKeysTable {
  kid: string;
  public_jwk: Json<PublicKey>;
  wrapped_data_key: string;
  /** The private JWK, AES-256-GCM under the wrapped data key, bound to the kid. */
  sealed_private_jwk: Buffer;
  created_at: Generated<Date>;
  retired_at: Date | null;
}

interface RootsTable {
  version: number;
  signatures: Json<string[]>;
  created_at: Generated<Date>;
}

interface RootKeysTable {
  kid: string;
  public_jwk: Json<PublicKey>;
  wrapped_data_key: string;
  /** As that of a signing key, bound to another purpose. */
  sealed_private_jwk: Buffer;
  created_at: Generated<Date>;
}

interface LogEntriesTable {
  seq: number;
  type: LogEntryType;
  body_hash: string;
  prev: string;
  hash: string;
  at: Date;
  /** What `body_hash` is the digest of: a compact JWS, or canonical JSON. */
  body: string;
  /** Who alone may read the body; null: everybody. */
  tenant_id: string | null;
}

interface CheckpointsTable {
  id: Generated<number>;
  seq: number;
  root_version: number;
  jws: string;
  expires_at: Date;
}

interface PublishersTable {
  name: string;
  verified: Generated<boolean>;
  /** The registry that it comes from; null: this one. */
  origin: Generated<string | null>;
  /** Whether a member's token is asked for besides the signature. */
  token_required: Generated<boolean>;
  created_at: Generated<Date>;
  changed_in: ChangedIn;
}

interface PublisherKeysTable {
  publisher: string;
  kid: string;
  public_jwk: Json<PublicKey>;
  /** The last place in the log that it counts for; null while it is in use. */
  until_seq: number | null;
  ended: "retired" | "revoked" | null;
  created_at: Generated<Date>;
}

interface DelegationsTable {
  publisher: string;
  seq: number;
  jws: string;
  created_at: Generated<Date>;
}

interface TenantApprovalsTable {
  id: string;
  tenant_id: string;
  plugin: string;
  version: string;
  consent: string;
  status: "requested" | "approved" | "denied";
  reason: string;
  requested_by: string;
  decision_reason: string | null;
  decided_by: string | null;
  created_at: Date;
  decided_at: Date | null;
}

interface AccountTokensTable {
  id: string;
  account_id: string;
  name: string;
  prefix: string;
  /** SHA-256 of the token, lowercase hex. */
  hash: string;
  scopes: Scope[];
  publisher: string | null;
  plugins: string[] | null;
  created_at: Date;
  expires_at: Date;
  last_used_at: Date | null;
  revoked_at: Date | null;
  parent_id: string | null;
}

interface PublisherMembersTable {
  publisher: string;
  account_id: string;
  role: Role;
  /** An account's id, or `key`: the publisher's own key spoke for it. */
  added_by: string;
  created_at: Date;
}

export type TransferStatus = "offered" | "accepted" | "declined" | "withdrawn";

interface PublisherTransfersTable {
  id: string;
  publisher: string;
  from_account: string;
  to_account: string;
  status: TransferStatus;
  created_at: Date;
  expires_at: Date;
  finished_at: Date | null;
}

export type AuditAction =
  | "ownership-claimed"
  | "ownership-given"
  | "member-set"
  | "member-removed"
  | "settings-changed"
  | "transfer-offered"
  | "transfer-accepted"
  | "transfer-declined"
  | "transfer-withdrawn"
  | "verified"
  | "verification-withdrawn";

interface PublisherAuditTable {
  id: string;
  publisher: string;
  /** An account's id, or `operator`. */
  actor: string;
  action: AuditAction;
  details: Json<Record<string, unknown>>;
  at: Date;
}

export type PublicationStatus = "validating" | "scanning" | "published" | "rejected" | "quarantined";

interface PublicationsTable {
  id: string;
  publisher: string;
  plugin: string;
  version: string;
  status: PublicationStatus;
  statement_jws: string;
  tarball_sha512: string;
  /** Whom it is for alone; null: everybody. */
  tenant_id: string | null;
  problems: ColumnType<Finding[], string | undefined, string>;
  notes: ColumnType<Finding[], string | undefined, string>;
  /** Of the operator, or of the publisher who took it back. */
  decision: ColumnType<PublicationDecision | null, string | null | undefined, string | null>;
  tarball_removed_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  created_at: Generated<Date>;
  finished_at: Date | null;
}

export interface PublicationDecision {
  decision: "publish" | "reject" | "withdraw";
  reason: string;
  by: string;
  at: string;
}

export type ScanReason = "publication" | "rescan";

interface ScansTable {
  id: string;
  publication_id: string;
  reason: ScanReason;
  requested_by: string | null;
  verdict: Verdict;
  digest: string;
  summary: Json<ScanSummary>;
  /** Canonical JSON, which the digest is of. */
  report: string;
  created_at: Date;
}

export type NoticeKind = "rescan-found" | "rescan-not-completed" | "usage-refused";

interface NoticesTable {
  id: string;
  kind: NoticeKind;
  plugin: string;
  version: string;
  message: string;
  details: Json<Record<string, unknown>>;
  created_at: Date;
  acknowledged_at: Date | null;
}

interface VersionsTable {
  plugin: string;
  version: string;
  /** Its place in the registry's log. */
  seq: number;
  publication_id: string;
  manifest: Json<Manifest>;
  manifest_sha512: string;
  permissions: Json<Permissions>;
  consent: string;
  tarball_sha512: string;
  /** Bytes of the tarball. */
  size: number;
  registry_jws: string;
  /** Thumbprint of the publisher's key. */
  signed_by: string;
  published_at: Date;
  yanked_at: Date | null;
  deprecation: ColumnType<Deprecation | null, string | null | undefined, string | null>;
  block: ColumnType<Block | null, string | null | undefined, string | null>;
}

interface ListingsTable {
  plugin: string;
  publisher: string;
  latest_version: string;
  display_name: string;
  description: string;
  categories: string[];
  keywords: string[];
  pricing: string;
  permission_kinds: string[];
  /** Without ports. */
  network_hosts: string[];
  /** A semver range of hosts. */
  host_range: string;
  /** Whose it is alone; null: everybody's. See visibility.ts. */
  tenant_id: string | null;
  changed_in: ChangedIn;
  created_at: Date;
  updated_at: Date;
}

export type InstallStatus = "active" | "uninstalled";
export type InstallChange = "installed" | "upgraded" | "rolled-back" | "uninstalled";

interface InstallsTable {
  id: string;
  tenant_id: string;
  plugin: string;
  version: string;
  status: InstallStatus;
  consent: string;
  receipt: string;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
  /** Under which host's token, as `Identity.caller`; null in rows from before it was kept. */
  made_by: ColumnType<string | null, string | undefined, null>;
  /** The host that reports its usage. */
  host_id: ColumnType<string | null, never, string | null>;
}

interface InstallHistoryTable {
  id: Generated<number>;
  install_id: string;
  change: InstallChange;
  version: string;
  consent: string;
  receipt: string | null;
  at: Generated<Date>;
}

interface VersionFilesTable {
  plugin: string;
  version: string;
  kind: "readme" | "changelog" | "icon" | "screenshot";
  /** Of a screenshot, from 1 on; else 0. */
  position: number;
  caption: string | null;
  media_type: string;
  sha512: string;
  /** Bytes. */
  size: number;
}

/** One row a plugin; reviews write the rating columns, installs and downloads the others. */
interface PluginStatisticsTable {
  plugin_id: string;
  installs_active: Generated<number>;
  installs_total: Generated<number>;
  downloads: Generated<number>;
  rating_sum: Generated<number>;
  rating_count: Generated<number>;
  /** The Bayesian mean, 1 to 5; 0 where nobody rated it yet. */
  rating_score: Generated<number>;
  updated_at: Generated<Date>;
  changed_in: ChangedIn;
}

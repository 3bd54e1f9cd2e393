import type { OAuth2Auth, Pricing, RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import type { ColumnType, Generated, JSONColumnType } from "kysely";

/** The tables of schema `core`, as Kysely reads them. Dates are `timestamptz`, JSON columns are `jsonb`. */
export interface CoreDatabase {
  tenants: TenantsTable;
  api_keys: ApiKeysTable;
  installs: InstallsTable;
  connections: ConnectionsTable;
  data_keys: DataKeysTable;
  oauth_clients: OAuthClientsTable;
  oauth_flows: OAuthFlowsTable;
  credential_renewals: { connection_id: string; token: string; expires_at: Date };
  token_revocations: TokenRevocationsTable;
  connection_health: ConnectionHealthTable;
  connection_checks: ConnectionChecksTable;
  events: EventsTable;
  event_usage: EventUsageTable;
  install_history: InstallHistoryTable;
  install_changes: InstallChangesTable;
  install_updates: InstallUpdatesTable;
  update_rounds: UpdateRoundsTable;
  quarantines: QuarantinesTable;
  hook_changes: HookChangesTable;
  connection_minutes: ConnectionMinutesTable;
  connection_logs: ConnectionLogsTable;
  plugin_storage_usage: PluginStorageUsageTable;
  entitlements: EntitlementsTable;
  host_keys: HostKeysTable;
  usage_windows: UsageWindowsTable;
  spend_caps: { tenant_id: string; plugin: string; amount: number; updated_at: Generated<Date> };
  plugin_storage: PluginStorageTable;
  registry_trust: RegistryTrustTable;
  idempotent_requests: IdempotentRequestsTable;
  /** Of what is kept in `idempotent_requests`, with which it changes. */
  batch_parts: BatchPartsTable;
  idempotency_usage: { tenant_id: string; requests: number; reply_bytes: number };
  triggers: TriggersTable;
  trigger_items: TriggerItemsTable;
  streams: StreamsTable;
  files: FilesTable;
  file_pieces: { file_id: string; seq: number; sealed: Buffer };
  /** Kept by the database itself: an empty `install_id` stands for all of the tenant's. */
  file_usage: { tenant_id: string; install_id: string; bytes: number; files: number };
}

interface FilesTable {
  id: string;
  tenant_id: string;
  /** Null: an application of the tenant's put it in. */
  install_id: string | null;
  name: string | null;
  content_type: string;
  size: number;
  pieces: number;
  piece_bytes: number;
  /** Null: it is being written. */
  sha256: Buffer | null;
  sealed_key: Buffer;
  key_generation: number;
  created_at: Date;
  expires_at: Date;
}

/** A trigger on a vendor's WebSocket that a tenant has switched on, or has had on, over a connection. */
interface StreamsTable {
  connection_id: string;
  trigger: string;
  tenant_id: string;
  is_enabled: boolean;
  config: JSONColumnType<{ [field: string]: unknown }>;
  /** What the plugin goes on with, as the text of a JSON value. */
  state: string;
  /** Another after every change that a person made. */
  revision: Generated<number>;
  /** Another with every host that takes it: what a host stores counts only as long as it is that host's. */
  epoch: Generated<number>;
  /** A host listens; after this it is taken for gone. */
  lease_until: Date | null;
  phase: ColumnType<StreamPhase, StreamPhase | undefined, StreamPhase>;
  phase_since: Generated<Date>;
  /** When a socket may be opened next. */
  due_at: Generated<Date>;
  failures: Generated<number>;
  last_error: ColumnType<{ code: string; detail: string } | null, string | null | undefined, string | null>;
  /** How the vendor closed the last socket, if it did. */
  last_close: ColumnType<{ code: number; reason: string } | null, string | null | undefined, string | null>;
  last_message_at: Date | null;
  received_count: Generated<number>;
  sent_count: Generated<number>;
  told_count: Generated<number>;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
}

export type StreamPhase = "waiting" | "connecting" | "open";

/** A polling trigger that a tenant has switched on, or has had on, over a connection. */
interface TriggersTable {
  connection_id: string;
  trigger: string;
  tenant_id: string;
  is_enabled: boolean;
  config: JSONColumnType<{ [field: string]: unknown }>;
  interval_seconds: number;
  cursor: string | null;
  /** What is found is remembered and not told, until there is no more of it. */
  is_first: boolean;
  /** Pages of that so far: it ends by itself after some. */
  first_pages: Generated<number>;
  /** Another after every change: what a poll found is stored only if nothing was changed since it began. */
  revision: Generated<number>;
  next_poll_at: Date;
  /** The vendor asked not to be asked before, whoever wishes it. */
  held_until: Date | null;
  /** A host polls it; after this it is taken for gone. */
  lease_until: Date | null;
  failures: number;
  last_error: ColumnType<{ code: string; detail: string } | null, string | null, string | null>;
  last_polled_at: Date | null;
  told_count: Generated<number>;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
}

/** What a trigger has seen: SHA-256 of its key. */
interface TriggerItemsTable {
  connection_id: string;
  trigger: string;
  key: Buffer;
  seen_at: Generated<Date>;
}

interface IdempotentRequestsTable {
  tenant_id: string;
  key: string;
  fingerprint: string;
  /** JSON as text, which may hold what jsonb may not; null while the request is under way. */
  reply: ColumnType<string | null, never, string>;
  created_at: Generated<Date>;
  /** How often it was begun; see `resumable_at`. */
  attempt: Generated<number>;
  /** From then on another host may go on with it; null where it is made of no parts. */
  resumable_at: ColumnType<Date | null, Date | null, Date | null>;
}

interface BatchPartsTable {
  tenant_id: string;
  key: string;
  place: number;
  /** JSON; null while it is under way. */
  outcome: string | null;
}

/** One row at most. */
interface RegistryTrustTable {
  is_only: Generated<boolean>;
  root_version: number;
  /** Place in the registry's log. */
  seq: number;
  /** For whoever reads it to verify. */
  state: JSONColumnType<object>;
  updated_at: Generated<Date>;
}

interface TenantsTable {
  id: string;
  name: string;
  /** What the tenant's references to the outside are made with, wrapped; null: derived from its first data key. */
  wrapped_reference_key: string | null;
  /** Since then it is being erased: nobody enters any more. */
  erasing_since: ColumnType<Date | null, never, Date>;
  created_at: Generated<Date>;
}

/** A tenant's own AES keys; without them its secrets are unreadable. The highest generation seals. */
interface DataKeysTable {
  tenant_id: string;
  generation: number;
  /** Wrapped under the master key. */
  wrapped_key: string;
  created_at: Generated<Date>;
}

interface ApiKeysTable {
  id: string;
  tenant_id: string;
  name: string;
  /** The first characters of the key, so that a person recognises it. */
  prefix: string;
  /** SHA-256 of the whole key, lowercase hex. The key itself is shown once and not kept. */
  hash: string;
  scopes: string[];
  expires_at: Date | null;
  revoked_at: ColumnType<Date | null, never, Date | null>;
  created_at: Generated<Date>;
}

export type InstallStatus = "active" | "disabled";

/** How far an install follows its plugin by itself. */
export type UpdateChannel = "pinned" | "patch" | "minor" | "latest";

/** What in the tenant's policy speaks against a version that it has, and whether that stops it. */
export interface PolicyRefusal {
  reasons: string[];
  stops: boolean;
}

interface InstallsTable {
  /** The registry's id of the install, so that both sides speak of the same thing. */
  id: string;
  tenant_id: string;
  plugin: string;
  version: string;
  status: InstallStatus;
  /** SHA-512 of the tarball that the receipt names, lowercase hex. */
  tarball_sha512: string;
  /** The digest that the tenant agreed to. */
  consent: string;
  /** The registry's signed receipt; verified before the row is written and again at every load. */
  receipt: string;
  /** How many changes of version may have changed the form of what the plugin stores. */
  storage_epoch: Generated<number>;
  /** Those of the release's manifest, to be held against `consent`; null for installs of before. */
  permissions: ColumnType<unknown, string | undefined, string | undefined>;
  /** The release's manifest's. */
  categories: ColumnType<string[], string[] | undefined, string[] | undefined>;
  channel: Generated<UpdateChannel>;
  policy_refusal: ColumnType<PolicyRefusal | null, string | null | undefined, string | null>;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
}

/** `configuring`: has no credential yet. `testing`: is being tried for the first time. `error`: `status_reason` says why. */
export type ConnectionStatus = "configuring" | "testing" | "active" | "inactive" | "error";

/** `reauthorization-needed`: the vendor gives no more tokens. `credential-refused`: it did not take the credential. */
export type StatusReason = "reauthorization-needed" | "credential-refused" | "test-failed";

interface ConnectionsTable {
  id: string;
  tenant_id: string;
  install_id: string;
  name: string;
  config: ColumnType<Record<string, unknown>, string, string>;
  /** An `AuthMethod`. */
  auth_type: string;
  /** The credential, AES-256-GCM under the tenant's data key, bound to tenant and connection; null: none was given yet. */
  sealed_credential: Buffer | null;
  /** Of the data key. */
  key_generation: number | null;
  /** Counts up with every change of the credential. */
  credential_version: Generated<number>;
  /** When the account has to be connected again, as far as that is known. */
  credential_expires_at: Date | null;
  /** What its tenant says of its requests; null: nothing. */
  requests: ColumnType<RequestsDeclaration | null, string | null | undefined, string | null>;
  status: ConnectionStatus;
  status_reason: StatusReason | null;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
}

interface OAuthClientsTable {
  plugin: string;
  /** As the plugin's manifest writes it. */
  token_url: string;
  client_id: string;
  /** What it may be used for. */
  grants: OAuth2Auth["grant"][];
  wrapped_data_key: string | null;
  /** AES-256-GCM under the wrapped data key, bound to the plugin. */
  sealed_secret: Buffer | null;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
}

interface OAuthFlowsTable {
  /** SHA-256 of the state, lowercase hex. */
  state_hash: string;
  tenant_id: string;
  connection_id: string;
  /** The API key that began it. */
  key_id: string;
  sealed_flow: Buffer;
  key_generation: number;
  expires_at: Date;
}

interface TokenRevocationsTable {
  id: string;
  tenant_id: string;
  sealed_tokens: Buffer;
  key_generation: number;
  created_at: Generated<Date>;
}

export type HealthState = "unknown" | "healthy" | "failing";

interface ConnectionHealthTable {
  connection_id: string;
  tenant_id: string;
  state: HealthState;
  /** Failed checks in a row. */
  failures: Generated<number>;
  next_check_at: Date;
  told_expiry_at: Date | null;
  told_expiry_days: number | null;
}

export type CheckOutcome = "ok" | "refused" | "failed" | "unreachable";

interface ConnectionChecksTable {
  connection_id: string;
  tenant_id: string;
  seq: ColumnType<number, never, never>;
  outcome: CheckOutcome;
  http_status: number | null;
  duration_ms: number;
  checked_at: Date;
}

/** Who appended an event: an install's plugin, or the host itself. */
export type EventSource =
  | { plugin: string; version: string; installId: string; connectionId?: string; trigger?: string }
  | { host: true; installId?: string };

interface EventsTable {
  id: string;
  tenant_id: string;
  type: string;
  source: ColumnType<EventSource, string, never>;
  data: ColumnType<unknown, string, never>;
  dedupe_key: string | null;
  created_at: Generated<Date>;
  /** In the order of the database, whose hosts' clocks differ. */
  seq: ColumnType<number, never, never>;
}

/** What a plugin has told a tenant on one day (UTC); written by `event_publish`. */
interface EventUsageTable {
  tenant_id: string;
  plugin: string;
  day: ColumnType<Date, never, never>;
  bytes: ColumnType<number, never, never>;
}

interface HookChangesTable {
  id: string;
  tenant_id: string;
  call_id: string;
  hook: string;
  /** Whose hook changed the value. */
  plugin: string;
  version: string;
  install_id: string;
  connection_id: string;
  /** RFC 6902; null if it was too large to be kept. */
  patch: ColumnType<unknown[] | null, string | null, never>;
  created_at: Generated<Date>;
}

interface ConnectionMinutesTable {
  connection_id: string;
  tenant_id: string;
  /** A whole minute. */
  starts_at: Date;
  total: number;
  failed: number;
  duration_ms: number;
  last_at: Date;
  /** How many took how long, in steps; see modules/activity. */
  times: number[];
}

interface ConnectionLogsTable {
  seq: ColumnType<number, never, never>;
  id: string;
  connection_id: string;
  tenant_id: string;
  at: Date;
  /** 0 debug, 1 info, 2 warn, 3 error */
  level: number;
  method: string | null;
  host: string;
  path: string | null;
  status: number | null;
  code: string;
  duration_ms: number;
  attempts: number;
}

interface EntitlementsTable {
  tenant_id: string;
  plugin: string;
  /** Compact JWS of the registry's; read from nowhere else than here once it is verified. */
  statement: string;
  /** Those that the statement names by their digest, which whoever reads them compares. */
  pricing: ColumnType<Pricing | null, string, string>;
  revision: number;
  status: "active" | "expiring" | "grace" | "ended";
  updated_at: Generated<Date>;
}

interface HostKeysTable {
  kid: string;
  state: "current" | "next" | "retired";
  wrapped_data_key: string;
  /** The private JWK, AES-256-GCM under the wrapped data key, bound to the kid. */
  sealed_private_jwk: Buffer;
  created_at: Generated<Date>;
}

interface UsageWindowsTable {
  install_id: string;
  meter: string;
  /** A whole hour. */
  starts_at: Date;
  tenant_id: string;
  plugin: string;
  units: number;
  charged_units: number;
  sealed_at: ColumnType<Date | null, never, Date>;
  reported_at: ColumnType<Date | null, never, Date>;
  outcome: ColumnType<string | null, never, string>;
}

interface PluginStorageUsageTable {
  tenant_id: string;
  install_id: string;
  /** Of all keys and values. */
  bytes: number;
  keys: number;
}

interface PluginStorageTable {
  tenant_id: string;
  install_id: string;
  key: string;
  /** Any JSON; read as text, see capabilities/storage. */
  value: ColumnType<unknown, string, string>;
  bytes: number;
  version: string;
}

/** `downgraded` is a change to a lower version that was asked for as any other; `rolled-back` takes a change back. */
export type InstallChangeKind = "installed" | "upgraded" | "downgraded" | "rolled-back";

interface InstallHistoryTable {
  id: string;
  tenant_id: string;
  install_id: string;
  change: InstallChangeKind;
  from_version: string | null;
  version: string;
  tarball_sha512: string;
  /** What the tenant had agreed to; null in rows from before this was kept. */
  consent: string | null;
  /** The storage keys that the change wrote, as they were before it; `value` is JSON text. Null: not needed, or forgotten. */
  storage_before: ColumnType<{ key: string; value: string | null }[] | null, string | null, null>;
  /** In the order of the database, whose hosts' clocks differ. */
  seq: ColumnType<number, never, never>;
  undone: Generated<boolean>;
  created_at: Generated<Date>;
}

export type LeaseKind = "install" | "upgrade" | "rollback" | "uninstall" | "reconcile";

interface InstallChangesTable {
  tenant_id: string;
  plugin: string;
  /** Who holds it. */
  token: string;
  kind: LeaseKind;
  expires_at: Date;
}

/** A newer version, as an install's body shows it. */
export interface InstallUpdate {
  version: string;
  reason: "scheduled" | "decision-needed" | "held-back" | "outside-channel";
  needs: ("consent" | "approval" | "payment")[];
}

interface InstallUpdatesTable {
  install_id: string;
  tenant_id: string;
  looked_seq: Generated<number>;
  next_look_at: Generated<Date>;
  automatic: string | null;
  update: ColumnType<InstallUpdate | null, string | null | undefined, string | null>;
  above: string | null;
  failures: Generated<number>;
  retry_at: Date | null;
  noticed: Generated<string[]>;
}

interface UpdateRoundsTable {
  is_only: Generated<boolean>;
  token: string;
  expires_at: Date;
  upgraded_at: Date | null;
}

interface QuarantinesTable {
  id: string;
  plugin: string;
  version: string;
  tarball_sha512: string;
  /** Null: for all tenants. */
  tenant_id: string | null;
  reason: string;
  crashes: number;
  created_at: Generated<Date>;
}

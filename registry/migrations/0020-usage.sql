-- Hosts, as those that sign what their tenants use. A token lets a host in; its key says which one it is.
create table hosts (
  id text primary key,
  created_at timestamptz not null
);
create table host_keys (
  kid text primary key,
  host_id text not null references hosts (id),
  public_jwk jsonb not null,
  created_at timestamptz not null,
  -- From then on it counts for nothing; null: it is the one in use.
  ends_at timestamptz
);
create index host_keys_of_host on host_keys (host_id);
-- Which tokens (by what tells one from another, see access.ts) a host has shown together with its key.
create table host_tokens (
  caller text not null,
  host_id text not null references hosts (id),
  created_at timestamptz not null,
  primary key (caller, host_id)
);

-- Under which token an install was made (null: before this was kept), and which host speaks for it since its first report.
alter table installs
  add column made_by text,
  add column host_id text references hosts (id);

-- The prices of each revision: what was used while they stood is owed at them.
alter table entitlement_history
  add column terms text,
  add column pricing jsonb;

-- What hosts have signed, to the byte.
create table usage_reports (
  id text primary key,
  host_id text not null references hosts (id),
  kid text not null,
  report text not null,
  received_at timestamptz not null
);
create trigger usage_reports_appended before update or delete or truncate on usage_reports
  for each statement execute function refuse_change();

-- The first number that a host gave for an hour of an install. There is no second one.
create table usage_windows (
  install_id text not null references installs (id),
  meter text not null,
  starts_at timestamptz not null,
  tenant_id text not null,
  plugin text not null,
  units bigint not null check (units > 0),
  report_id text not null references usage_reports (id),
  primary key (install_id, meter, starts_at)
);
create index usage_windows_of_tenant on usage_windows (tenant_id, starts_at);
create index usage_windows_by_time on usage_windows (starts_at);
create trigger usage_windows_appended before update or delete or truncate on usage_windows
  for each statement execute function refuse_change();

-- What was not taken, once for each number that was not.
create table usage_refusals (
  id text primary key,
  host_id text not null references hosts (id),
  install_id text not null,
  meter text not null,
  starts_at timestamptz not null,
  units bigint not null,
  reason text not null,
  report_id text not null references usage_reports (id),
  at timestamptz not null,
  unique (host_id, install_id, meter, starts_at, units, reason)
);
create trigger usage_refusals_appended before update or delete or truncate on usage_refusals
  for each statement execute function refuse_change();

-- What a publisher gets to see in the place of a tenant: made by chance, another one for each publisher.
create table usage_tenant_refs (
  publisher text not null,
  tenant_id text not null,
  ref text not null unique,
  primary key (publisher, tenant_id)
);

-- A month that is closed, and what is owed for it.
create table usage_periods (
  period text primary key check (period ~ '^\d{4}-\d\d$'),
  closed_at timestamptz not null
);
create table usage_lines (
  id text primary key,
  period text not null references usage_periods (period),
  tenant_id text not null,
  plugin text not null,
  terms text not null,
  meter text not null,
  -- Those that are owed for, and those of a trial or from before anything was agreed to.
  units bigint not null,
  free_units bigint not null,
  -- Minor units; more than a bigint holds, at the highest prices there may be.
  amount numeric(40, 0) not null check (amount >= 0),
  currency text,
  -- When the provider took it.
  invoiced_at timestamptz,
  unique (period, tenant_id, plugin, terms, meter)
);
create index usage_lines_open on usage_lines (id) where invoiced_at is null;

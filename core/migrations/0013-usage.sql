-- The prices that the signed statement names by their digest: what is counted follows from what was agreed to.
alter table entitlements add column pricing jsonb;

-- What this host signs its reports with. The private half is sealed under a data key, wrapped by the master key.
create table host_keys (
  kid text primary key,
  -- `next`: made, and not shown to the registry for certain yet.
  state text not null check (state in ('current', 'next', 'retired')),
  wrapped_data_key text not null,
  sealed_private_jwk bytea not null,
  created_at timestamptz not null default now()
);
create unique index host_keys_one_each on host_keys (state) where state <> 'retired';

-- What installs have used, by the hour. Once sealed, a row is what the registry is told; what comes late goes into the hour it comes in.
create table usage_windows (
  install_id text not null,
  meter text not null,
  starts_at timestamptz not null,
  tenant_id text not null references tenants (id),
  plugin text not null,
  units bigint not null check (units > 0),
  -- Those that were not of a trial.
  charged_units bigint not null,
  sealed_at timestamptz,
  reported_at timestamptz,
  -- What the registry said.
  outcome text,
  primary key (install_id, meter, starts_at)
);
create index usage_windows_unreported on usage_windows (starts_at) where reported_at is null;
create index usage_windows_of_tenant on usage_windows (tenant_id, plugin, starts_at);

-- How much a tenant wants to owe for a plugin in a month at most, in minor units of the plugin's currency.
create table spend_caps (
  tenant_id text not null references tenants (id),
  plugin text not null,
  amount bigint not null check (amount >= 0),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, plugin)
);

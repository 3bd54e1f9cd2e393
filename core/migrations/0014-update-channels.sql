-- How far an install follows its plugin by itself. What is there stays as it is until somebody says otherwise.
alter table installs add column channel text not null default 'pinned'
  check (channel in ('pinned', 'patch', 'minor', 'latest'));

-- What is known of newer versions, apart from the install: it changes often, and nobody's cache has to hear of it.
-- An install without a row was not looked at yet.
create table install_updates (
  install_id text primary key,
  tenant_id text not null,
  -- The place in the registry's log as of which it was looked at; below every place: it is to be looked at anew.
  looked_seq integer not null default -1,
  next_look_at timestamptz not null default now(),
  -- The version to bring it to.
  automatic text,
  -- What is shown: { version, reason, needs }.
  update json,
  -- Only what is higher comes by itself: it was left, or failed.
  above text,
  -- In a row, and before when it is not tried again.
  failures integer not null default 0,
  retry_at timestamptz,
  -- What the tenant was told of the version that it has: `yanked 1.2.3`.
  noticed text[] not null default '{}',
  foreign key (tenant_id, install_id) references installs (tenant_id, id) on delete cascade
);
create index install_updates_available on install_updates (tenant_id, install_id) where update is not null;
create index install_updates_automatic on install_updates (install_id) where automatic is not null;

-- One host at a time looks for newer versions and brings installs to them. One row at most.
create table update_rounds (
  is_only boolean primary key default true check (is_only),
  token text not null,
  expires_at timestamptz not null,
  -- When installs were brought to a newer version last.
  upgraded_at timestamptz
);

-- What versions an install has had, so that it can go back. It ends with the install; the registry keeps its own.
create table install_history (
  id text primary key,
  tenant_id text not null,
  install_id text not null,
  change text not null check (change in ('installed', 'upgraded', 'downgraded', 'rolled-back')),
  -- Null for the first one.
  from_version text,
  version text not null,
  tarball_sha512 text not null,
  -- What the storage keys that the change wrote held before it: [{ key, value }], the value as JSON text or null.
  storage_before json not null default '[]',
  -- Taken back by a roll-back: no later one goes back to it.
  undone boolean not null default false,
  created_at timestamptz not null default now(),
  foreign key (tenant_id, install_id) references installs (tenant_id, id) on delete cascade
);
create index install_history_of_install on install_history (tenant_id, install_id, id);

-- Those that were installed before there was a history: their ids carry the same time.
insert into install_history (id, tenant_id, install_id, change, version, tarball_sha512, created_at)
select 'chg_' || split_part(id, '_', 2), tenant_id, id, 'installed', version, tarball_sha512, created_at
from installs;

-- Who changes an install at the moment. By plugin, not by install: the first change makes the install. A row whose
-- time is over belongs to a host that ended in the middle, and says that registry and host may have parted.
create table install_changes (
  tenant_id text not null references tenants (id) on delete cascade,
  plugin text not null,
  token text not null,
  kind text not null check (kind in ('install', 'upgrade', 'rollback', 'uninstall', 'reconcile')),
  expires_at timestamptz not null,
  primary key (tenant_id, plugin)
);
create index install_changes_by_end on install_changes (expires_at);

-- Releases that are not called any more, for one tenant or (tenant_id null) for all.
create table quarantines (
  id text primary key,
  plugin text not null,
  version text not null,
  tarball_sha512 text not null,
  tenant_id text references tenants (id) on delete cascade,
  reason text not null,
  crashes integer not null,
  created_at timestamptz not null default now()
);
create unique index quarantines_one_each on quarantines (tarball_sha512, coalesce(tenant_id, ''));
create index installs_by_release on installs (tarball_sha512);

create table installs (
  id text primary key,
  -- Opaque: the core knows who the tenant is, the registry does not.
  tenant_id text not null,
  plugin text not null,
  version text not null,
  status text not null check (status in ('active', 'uninstalled')),
  consent text not null,
  receipt text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (plugin, version) references versions (plugin, version)
);
create unique index installs_one_active on installs (tenant_id, plugin) where status = 'active';
create index installs_of_tenant on installs (tenant_id, id);

-- What was agreed to and when; never changed and never deleted.
create table install_history (
  id bigint generated always as identity primary key,
  install_id text not null references installs (id),
  change text not null check (change in ('installed', 'upgraded', 'rolled-back', 'uninstalled')),
  version text not null,
  consent text not null,
  receipt text,
  at timestamptz not null default now()
);
create index install_history_of_install on install_history (install_id, id);

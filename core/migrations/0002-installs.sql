create table installs (
  id text primary key,
  tenant_id text not null references tenants (id) on delete cascade,
  plugin text not null,
  version text not null,
  status text not null check (status in ('active', 'disabled')),
  tarball_sha512 text not null,
  consent text not null,
  receipt text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, plugin),
  -- Lets a connection refer to an install of its own tenant and of no other.
  unique (tenant_id, id)
);

create table connections (
  id text primary key,
  tenant_id text not null references tenants (id) on delete cascade,
  install_id text not null,
  name text not null,
  config jsonb not null,
  auth_type text not null,
  sealed_credential bytea not null,
  status text not null check (status in ('active', 'inactive')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (tenant_id, install_id) references installs (tenant_id, id)
);
create index connections_of_install on connections (tenant_id, install_id);

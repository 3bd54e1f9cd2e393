-- What a tenant lets itself install. Every version of a policy stays, so that it can be told what held when.
create table tenant_policies (
  tenant_id text not null,
  version integer not null,
  policy json not null,
  changed_by text not null,
  created_at timestamptz not null,
  primary key (tenant_id, version)
);

-- An approval is of a plugin with exactly these permissions: one that asks for more needs another.
create table tenant_approvals (
  id text primary key,
  tenant_id text not null,
  plugin text not null,
  version text not null,
  consent text not null,
  status text not null check (status in ('requested', 'approved', 'denied')),
  reason text not null,
  requested_by text not null,
  decision_reason text,
  decided_by text,
  created_at timestamptz not null,
  decided_at timestamptz
);
-- Who was denied may ask again; what is open or approved is there once.
create unique index tenant_approvals_one on tenant_approvals (tenant_id, plugin, consent) where status <> 'denied';
create index tenant_approvals_of_tenant on tenant_approvals (tenant_id, id desc);

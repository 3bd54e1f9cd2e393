-- Which plugin changed what on its way into another plugin's call.
create table hook_changes (
  id text primary key,
  tenant_id text not null references tenants (id) on delete cascade,
  call_id text not null,
  hook text not null,
  -- Of the plugin that changed the value; the install may be gone by now.
  plugin text not null,
  version text not null,
  install_id text not null,
  connection_id text not null,
  -- RFC 6902, from the value before to the one after; null if it was too large to be kept. Not jsonb, which takes
  -- neither NUL nor lone surrogates.
  patch json,
  created_at timestamptz not null default now()
);
create index hook_changes_of_tenant on hook_changes (tenant_id, id);
create index hook_changes_of_call on hook_changes (tenant_id, call_id, id);

-- The registry's signed word on what costs something, kept so that nothing has to be asked when it runs.
create table entitlements (
  tenant_id text not null references tenants (id),
  plugin text not null,
  statement text not null,
  -- As in the statement: a lower one is never put in its place.
  revision integer not null,
  -- What the tenant was told last.
  status text not null check (status in ('active', 'expiring', 'grace', 'ended')),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, plugin)
);

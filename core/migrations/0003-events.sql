-- Facts, stored once; webhooks, automations, syncs and streams read them.
create table events (
  id text primary key,
  tenant_id text not null references tenants (id) on delete cascade,
  type text not null,
  -- Who says so: { plugin, version, installId, connectionId? }, or { host: true }.
  source jsonb not null,
  data jsonb not null,
  -- Given by whoever appends, so that the same fact told twice is stored once.
  dedupe_key text,
  created_at timestamptz not null default now()
);
create index events_of_tenant on events (tenant_id, id);
create index events_of_tenant_by_type on events (tenant_id, type text_pattern_ops, id);
create unique index events_told_once on events (tenant_id, (source ->> 'installId'), dedupe_key) where dedupe_key is not null;

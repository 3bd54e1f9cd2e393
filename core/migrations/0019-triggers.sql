-- Polling triggers by connection: what a tenant wants of them, and how far they are.
create table triggers (
  connection_id text not null references connections (id) on delete cascade,
  trigger text not null,
  tenant_id text not null references tenants (id) on delete cascade,
  is_enabled boolean not null,
  config jsonb not null,
  interval_seconds integer not null,
  cursor text,
  is_first boolean not null,
  revision bigint not null default 0,
  next_poll_at timestamptz not null,
  lease_until timestamptz,
  failures integer not null default 0,
  last_error jsonb,
  last_polled_at timestamptz,
  told_count bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (connection_id, trigger)
);
create index triggers_due on triggers (next_poll_at) where is_enabled;
create index triggers_of_tenant on triggers (tenant_id);

-- What a trigger has seen, for as long as it keeps finding it and a good while after.
create table trigger_items (
  connection_id text not null,
  trigger text not null,
  key bytea not null,
  seen_at timestamptz not null default now(),
  primary key (connection_id, trigger, key),
  foreign key (connection_id, trigger) references triggers (connection_id, trigger) on delete cascade
);
create index trigger_items_by_age on trigger_items (seen_at);

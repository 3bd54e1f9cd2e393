-- Triggers on vendors' WebSockets by connection: what a tenant wants of them, how far they are, and which host listens.
create table streams (
  connection_id text not null references connections (id) on delete cascade,
  trigger text not null,
  tenant_id text not null references tenants (id) on delete cascade,
  is_enabled boolean not null,
  config jsonb not null,
  state text not null,
  revision bigint not null default 0,
  epoch bigint not null default 0,
  lease_until timestamptz,
  phase text not null default 'waiting' check (phase in ('waiting', 'connecting', 'open')),
  phase_since timestamptz not null default now(),
  due_at timestamptz not null default now(),
  failures integer not null default 0,
  last_error jsonb,
  last_close jsonb,
  last_message_at timestamptz,
  received_count bigint not null default 0,
  sent_count bigint not null default 0,
  told_count bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (connection_id, trigger)
);
create index streams_due on streams (due_at) where is_enabled;
create index streams_of_tenant on streams (tenant_id);

-- What was asked with an Idempotency-Key, and what was answered, for a day. As text: a record may hold a NUL, which jsonb refuses.
create table idempotent_requests (
  tenant_id text not null references tenants (id) on delete cascade,
  key text not null,
  fingerprint text not null,
  reply text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, key)
);
create index idempotent_requests_by_age on idempotent_requests (created_at);

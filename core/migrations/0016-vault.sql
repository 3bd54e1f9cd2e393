-- Several data keys of one tenant: the highest generation seals, the earlier ones open until nothing is left under them.
create table data_keys (
  tenant_id text not null references tenants (id) on delete cascade,
  generation integer not null check (generation > 0),
  wrapped_key text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, generation)
);
insert into data_keys (tenant_id, generation, wrapped_key) select id, 1, wrapped_data_key from tenants;

alter table tenants
  drop column wrapped_data_key,
  -- What a tenant's references to the outside are made with; null: made with the data key of generation 1.
  add column wrapped_reference_key text,
  -- Since then it is being erased, and nobody may enter any more.
  add column erasing_since timestamptz;

-- Under which key a value is sealed. The reference keeps a key as long as anything needs it, also against a host that
-- has not heard of a new one yet.
alter table connections
  alter column sealed_credential drop not null,
  add column key_generation integer,
  -- Counts up with every change of the credential, so that a late writer sees that it is late.
  add column credential_version bigint not null default 1,
  -- When the account has to be connected again, as far as that is known.
  add column credential_expires_at timestamptz,
  add column status_reason text,
  drop constraint connections_status_check,
  add constraint connections_status_check check (status in ('configuring', 'testing', 'active', 'inactive', 'error')),
  add unique (tenant_id, id);
update connections set key_generation = 1;
alter table connections
  add foreign key (tenant_id, key_generation) references data_keys (tenant_id, generation),
  add check ((sealed_credential is null) = (key_generation is null));

-- What an operator registered with a vendor, for a plugin.
create table oauth_clients (
  plugin text primary key,
  -- As the plugin's manifest writes it: the secret goes to this place and no other.
  token_url text not null,
  client_id text not null,
  wrapped_data_key text,
  sealed_secret bytea,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((sealed_secret is null) = (wrapped_data_key is null))
);

-- A person is at the vendor, to say yes or no.
create table oauth_flows (
  -- SHA-256 of the state, lowercase hex.
  state_hash text primary key,
  tenant_id text not null,
  connection_id text not null,
  -- The API key that began it.
  key_id text not null,
  sealed_flow bytea not null,
  key_generation integer not null,
  expires_at timestamptz not null,
  foreign key (tenant_id, connection_id) references connections (tenant_id, id) on delete cascade,
  foreign key (tenant_id, key_generation) references data_keys (tenant_id, generation)
);
create index oauth_flows_by_expiry on oauth_flows (expires_at);
create index oauth_flows_of_connection on oauth_flows (tenant_id, connection_id);

-- Who asks the vendor for new tokens, so that one at a time does.
create table credential_renewals (
  connection_id text primary key references connections (id) on delete cascade,
  token text not null,
  expires_at timestamptz not null
);

-- Tokens of deleted connections that the vendor is still to be told of.
create table token_revocations (
  id text primary key,
  tenant_id text not null references tenants (id) on delete cascade,
  sealed_tokens bytea not null,
  key_generation integer not null,
  created_at timestamptz not null default now(),
  foreign key (tenant_id, key_generation) references data_keys (tenant_id, generation)
);
create index token_revocations_of_tenant on token_revocations (tenant_id);

create table connection_health (
  connection_id text primary key,
  tenant_id text not null,
  state text not null check (state in ('unknown', 'healthy', 'failing')),
  failures integer not null default 0,
  next_check_at timestamptz not null,
  -- What the owner was told to expect: the day of `credential_expires_at`, and how soon that was said to be.
  told_expiry_at timestamptz,
  told_expiry_days integer,
  foreign key (tenant_id, connection_id) references connections (tenant_id, id) on delete cascade
);
insert into connection_health (connection_id, tenant_id, state, next_check_at)
  select id, tenant_id, 'unknown', now() + random() * interval '15 minutes' from connections;
create index connection_health_due on connection_health (next_check_at);
create index connection_health_of_connection on connection_health (tenant_id, connection_id);

-- The last checks of each connection, the latest first by `seq`.
create table connection_checks (
  connection_id text not null,
  tenant_id text not null,
  seq bigint generated always as identity,
  outcome text not null,
  http_status integer,
  duration_ms integer not null,
  checked_at timestamptz not null,
  primary key (connection_id, seq),
  foreign key (tenant_id, connection_id) references connections (tenant_id, id) on delete cascade
);
create index connection_checks_of_connection on connection_checks (tenant_id, connection_id);

-- Whom a token lets in: the operator gives each host a name, and tokens of its own.
create table host_accounts (
  name text primary key,
  created_at timestamptz not null
);
-- The host in the registry's own process, or the one with the token that the registry was started with.
insert into host_accounts (name, created_at) values ('default', now());
create table host_account_tokens (
  id text primary key,
  host text not null references host_accounts (name),
  -- SHA-256 of the token, lowercase hex.
  hash text not null unique,
  prefix text not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create index host_account_tokens_of_host on host_account_tokens (host);

-- Which host speaks for a tenant: the first that did, until the operator says otherwise.
create table tenant_hosts (
  tenant_id text primary key,
  host text not null references host_accounts (name),
  since timestamptz not null
);
create table tenant_moves (
  id bigint generated always as identity primary key,
  tenant_id text not null,
  -- Null: no host had spoken for it yet.
  from_host text references host_accounts (name),
  to_host text not null references host_accounts (name),
  reason text not null,
  at timestamptz not null
);
create index tenant_moves_of_tenant on tenant_moves (tenant_id, id);
create trigger tenant_moves_appended before update or delete or truncate on tenant_moves
  for each statement execute function refuse_change();

-- Until now there was one host, whatever it was called.
insert into tenant_hosts (tenant_id, host, since)
  select tenant_id, 'default', now() from (
    select tenant_id from installs
    union select tenant_id from tenant_policies
    union select tenant_id from tenant_approvals
    union select tenant_id from tenant_publishers
    union select tenant_id from purchases
    union select tenant_id from entitlements
    union select tenant_id from reviews
    union select tenant_id from review_votes
    union select tenant_id from review_reports
  ) known;

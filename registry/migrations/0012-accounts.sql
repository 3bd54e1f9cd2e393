create table accounts (
  id text primary key,
  display_name text not null,
  created_at timestamptz not null
);

create table account_tokens (
  id text primary key,
  account_id text not null references accounts (id),
  name text not null,
  prefix text not null,
  -- SHA-256 of the token, lowercase hex.
  hash text not null unique,
  scopes text[] not null,
  -- Where it is restricted: for this publisher alone, and for these of its plugins.
  publisher text references publishers (name),
  plugins text[],
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index account_tokens_of_account on account_tokens (account_id, id desc);

create table publisher_members (
  publisher text not null references publishers (name),
  account_id text not null references accounts (id),
  role text not null check (role in ('owner', 'maintainer', 'viewer')),
  added_by text not null,
  created_at timestamptz not null,
  primary key (publisher, account_id)
);
create index publisher_members_by_account on publisher_members (account_id);

-- A signature is enough to publish, unless the owners ask for a member's token besides.
alter table publishers add column token_required boolean not null default false;

create table publisher_transfers (
  id text primary key,
  publisher text not null references publishers (name),
  from_account text not null references accounts (id),
  to_account text not null references accounts (id),
  status text not null check (status in ('offered', 'accepted', 'declined', 'withdrawn')),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  finished_at timestamptz
);
create unique index publisher_transfers_one_open on publisher_transfers (publisher) where status = 'offered';
create index publisher_transfers_to on publisher_transfers (to_account) where status = 'offered';

-- Who did what for a publisher. Rows are only added.
create table publisher_audit (
  id text primary key,
  publisher text not null references publishers (name),
  actor text not null,
  action text not null,
  details json not null,
  at timestamptz not null
);
create index publisher_audit_of_publisher on publisher_audit (publisher, id desc);

-- Who asked for something that is rationed, within the last hour. `source` is a digest of the address.
create table arrivals (
  kind text not null,
  source text not null,
  at timestamptz not null
);
create index arrivals_by_source on arrivals (kind, source, at);
create index arrivals_by_time on arrivals (at);

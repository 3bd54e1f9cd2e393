-- The registry's own signing keys. The private half is sealed under the master key, so that several
-- registry processes share one key and a dump of the database gives none away.
create table signing_keys (
  kid text primary key,
  public_jwk jsonb not null,
  wrapped_data_key text not null,
  sealed_private_jwk bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz
);

create table roots (
  version integer primary key,
  keys jsonb not null,
  created_at timestamptz not null default now()
);

-- A row lock on a counter makes its numbers gapless: a rolled back transaction gives its number back.
create table counters (
  name text primary key,
  value integer not null
);
insert into counters (name, value) values ('release', 0);

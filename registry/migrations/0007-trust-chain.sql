-- Roots that are signed take the place of the unsigned list of keys.
drop table roots;
create table roots (
  version integer primary key,
  -- Compact JWS, all over one payload.
  signatures json not null,
  created_at timestamptz not null default now()
);

-- Root keys that this registry keeps itself, apart from the keys that sign every day. None where an operator keeps them.
create table root_keys (
  kid text primary key,
  public_jwk jsonb not null,
  wrapped_data_key text not null,
  sealed_private_jwk bytea not null,
  created_at timestamptz not null default now()
);

-- Everything that was ever said in public, in order. Rows are only added.
create table log_entries (
  seq integer primary key,
  type text not null,
  body_hash text not null,
  prev text not null,
  hash text not null,
  at timestamptz not null,
  body text not null
);
-- What was said once is not said again: an order that is sent twice finds itself here.
create unique index log_entries_by_body on log_entries (body_hash);
insert into counters (name, value) values ('log', 0);
delete from counters where name = 'release';

-- The leaves of the tree whose root a checkpoint names: one record a plugin, many records a shard.
create table index_records (
  plugin text primary key,
  shard integer not null,
  hash text not null
);
create index index_records_by_shard on index_records (shard, plugin);
create table index_shards (
  shard integer primary key,
  hash text not null
);

create table checkpoints (
  id bigint generated always as identity primary key,
  seq integer not null,
  root_version integer not null,
  jws text not null,
  expires_at timestamptz not null
);

alter table publisher_keys
  add column until_seq integer,
  add column ended text check (ended in ('retired', 'revoked'));

alter table versions
  -- Thumbprint of the publisher's key that signed it.
  add column signed_by text not null default '',
  add column yanked_at timestamptz,
  add column deprecation json,
  add column block json;
create index versions_blocked on versions (plugin, version) where block is not null;

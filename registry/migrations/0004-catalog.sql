-- Typo-tolerant search where the server ships pg_trgm (a trusted extension); search does without it elsewhere.
do $$
begin
  if exists (select from pg_available_extensions where name = 'pg_trgm') then
    create extension if not exists pg_trgm schema public;
  end if;
exception when insufficient_privilege then
  raise notice 'pg_trgm may not be created by this account: search will not forgive typing errors';
end $$;

create table versions (
  plugin text not null,
  version text not null,
  seq integer not null unique,
  publication_id text not null unique references publications (id),
  -- json, not jsonb: the publisher's own order and numbers are kept.
  manifest json not null,
  manifest_sha512 text not null,
  permissions json not null,
  consent text not null,
  tarball_sha512 text not null references blobs (sha512),
  size integer not null,
  registry_jws text not null,
  published_at timestamptz not null,
  primary key (plugin, version)
);

-- One row a plugin, made from its latest version: what search and listing pages read.
create table listings (
  plugin text primary key,
  publisher text not null references publishers (name),
  latest_version text not null,
  display_name text not null,
  description text not null,
  categories text[] not null,
  keywords text[] not null,
  pricing text not null,
  -- The words of id and display name, lower case, single spaces.
  names text not null,
  words tsvector not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  foreign key (plugin, latest_version) references versions (plugin, version)
);
create index listings_by_words on listings using gin (words);
create index listings_by_age on listings (created_at desc, plugin);

do $$
begin
  if exists (select from pg_extension where extname = 'pg_trgm' and extnamespace = 'public'::regnamespace) then
    create index listings_by_names on listings using gin (names public.gin_trgm_ops);
  end if;
end $$;

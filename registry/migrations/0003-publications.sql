-- Tarballs by the SHA-512 of their bytes, in pieces, so that none has to be held whole to be sent.
create table blobs (
  sha512 text primary key,
  size integer not null,
  created_at timestamptz not null default now()
);

create table blob_chunks (
  sha512 text not null references blobs (sha512),
  position integer not null,
  content bytea not null,
  primary key (sha512, position)
);
-- Tarballs are compressed already.
alter table blob_chunks alter column content set storage external;

create table publications (
  id text primary key,
  publisher text not null references publishers (name),
  plugin text not null,
  version text not null,
  status text not null check (status in ('validating', 'published', 'rejected')),
  statement_jws text not null,
  tarball_sha512 text not null references blobs (sha512),
  problems json not null default '[]',
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
-- What makes a version immutable and a race have one winner. A rejected version was never handed out, so its
-- number is free again.
create unique index publications_one_per_version on publications (plugin, version) where status <> 'rejected';
create index publications_validating on publications (id) where status = 'validating';

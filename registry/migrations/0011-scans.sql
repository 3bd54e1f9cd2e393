-- What became of a publication between its arrival and its end, and what the operator decided where nobody else could.
alter table publications drop constraint publications_status_check;
alter table publications add constraint publications_status_check
  check (status in ('validating', 'scanning', 'published', 'rejected', 'quarantined'));
alter table publications
  add column notes json not null default '[]',
  add column decision json,
  add column tarball_removed_at timestamptz;
-- Tarballs of rejected publications are removed after a while; the publication stays.
alter table publications drop constraint publications_tarball_sha512_fkey;
create index publications_by_tarball on publications (tarball_sha512);
drop index publications_validating;
create index publications_open on publications (id) where status in ('validating', 'scanning');
create index publications_of_publisher on publications (publisher, id desc);
create index publications_by_status on publications (status, id desc);

create table scans (
  id text primary key,
  publication_id text not null references publications (id),
  reason text not null check (reason in ('publication', 'rescan')),
  requested_by text,
  verdict text not null check (verdict in ('pass', 'fail', 'suspicious', 'error')),
  -- Of `report`, SHA-256 in lowercase hex: what the registry signs.
  digest text not null,
  summary json not null,
  -- Canonical JSON, kept to the byte.
  report text not null,
  created_at timestamptz not null
);
create index scans_of_publication on scans (publication_id, id desc);

-- What the operator should look at.
create table notices (
  id text primary key,
  kind text not null,
  plugin text not null,
  version text not null,
  message text not null,
  details json not null,
  created_at timestamptz not null,
  acknowledged_at timestamptz
);
create index notices_open on notices (id desc) where acknowledged_at is null;

-- The furthest that any host over this database has seen its registry, so that a host with an empty data folder
-- cannot be led back behind the others. One row: all hosts over one database have one registry.
create table registry_trust (
  is_only boolean primary key default true check (is_only),
  root_version integer not null,
  seq integer not null,
  -- Root, checkpoint and revocations as they were signed; verified again by whoever reads them.
  state json not null,
  updated_at timestamptz not null default now()
);

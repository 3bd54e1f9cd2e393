-- Names of publishers that the operator lets somebody take although they are near to a better-known one.
create table admitted_names (
  name text primary key,
  reason text not null,
  at timestamptz not null
);

-- How requests over connections went, a row for each minute in which there were any; hosts add to each other's.
create table connection_minutes (
  connection_id text not null references connections (id) on delete cascade,
  tenant_id text not null references tenants (id) on delete cascade,
  starts_at timestamptz not null,
  total integer not null,
  failed integer not null,
  duration_ms double precision not null,
  last_at timestamptz not null,
  -- How many took how long, in steps that grow by the square root of two.
  times integer[] not null,
  primary key (connection_id, starts_at)
);
create index connection_minutes_by_age on connection_minutes (starts_at);
create index connection_minutes_of_tenant on connection_minutes (tenant_id);

-- One line for each request, without query, headers and bodies.
create table connection_logs (
  -- In the order in which they were written down; hosts write once a second.
  seq bigint generated always as identity primary key,
  id text not null,
  connection_id text not null references connections (id) on delete cascade,
  tenant_id text not null references tenants (id) on delete cascade,
  at timestamptz not null,
  -- 0 debug, 1 info, 2 warn, 3 error
  level smallint not null,
  method text,
  host text not null,
  path text,
  status integer,
  code text not null,
  duration_ms integer not null,
  attempts integer not null
);
create index connection_logs_of_connection on connection_logs (connection_id, seq);
create index connection_logs_of_tenant on connection_logs (tenant_id);
create index connection_logs_by_age on connection_logs (at);

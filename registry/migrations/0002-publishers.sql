create table publishers (
  name text primary key,
  verified boolean not null default false,
  created_at timestamptz not null default now()
);

create table publisher_keys (
  publisher text not null references publishers (name),
  kid text not null,
  public_jwk jsonb not null,
  created_at timestamptz not null default now(),
  primary key (publisher, kid)
);
create index publisher_keys_by_kid on publisher_keys (kid);

create table delegations (
  publisher text not null references publishers (name),
  seq integer not null,
  jws text not null,
  created_at timestamptz not null default now(),
  primary key (publisher, seq)
);

-- What a listing page shows of a version, taken out of its package when it is published: the bytes are kept as blobs.
create table version_files (
  plugin text not null,
  version text not null,
  kind text not null check (kind in ('readme', 'changelog', 'icon')),
  media_type text not null,
  sha512 text not null references blobs (sha512),
  size integer not null,
  primary key (plugin, version, kind),
  foreign key (plugin, version) references versions (plugin, version)
);

-- How many tenants have two plugins; worked out anew from time to time, and only what enough tenants share.
create table plugin_co_installs (
  plugin_id text not null,
  other_id text not null,
  tenants integer not null,
  primary key (plugin_id, other_id)
);

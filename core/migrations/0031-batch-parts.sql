-- What became of the parts of a batch that came with an Idempotency-Key, until its answer is kept: so that a host that goes
-- down in the middle leaves behind what was done. An outcome is JSON, null while the part is under way.
alter table idempotent_requests
  add column attempt integer not null default 1,
  -- From then on whoever began it is taken for gone; null where it is made of no parts.
  add column resumable_at timestamptz;
create table batch_parts (
  tenant_id text not null,
  key text not null,
  place integer not null,
  outcome text,
  primary key (tenant_id, key, place),
  foreign key (tenant_id, key) references idempotent_requests (tenant_id, key) on delete cascade
);

-- What hosts must not run or believe, or did not have to until it was taken back, each with the place in the log from which
-- it is as it is: so a host asks for what changed since the place that it knows, and not for all anew.
create table revocation_changes (
  -- Goes up with every change: whoever changes something holds the log, so the order is that of the log.
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('version', 'key')),
  -- The plugin, or the publisher.
  owner text not null,
  -- The version, or the thumbprint.
  name text not null,
  seq integer not null,
  unique (kind, owner, name)
);
create index revocation_changes_by_place on revocation_changes (seq, id);

-- The entry that says so may be written before or after: with the place of the next, nobody misses it.
create function mark_revocation(kind text, owner text, name text) returns void language sql set search_path from current as $$
  delete from revocation_changes c where (c.kind, c.owner, c.name) = ($1, $2, $3);
  insert into revocation_changes (kind, owner, name, seq)
    values ($1, $2, $3, (select coalesce(max(seq), 0) + 1 from log_entries));
$$;

create function mark_block() returns trigger language plpgsql set search_path from current as $$
begin
  perform mark_revocation('version', new.plugin, new.version);
  return null;
end $$;
create trigger versions_block after update on versions for each row
  when (old.block::text is distinct from new.block::text) execute function mark_block();

create function mark_key() returns trigger language plpgsql set search_path from current as $$
begin
  perform mark_revocation('key', new.publisher, new.kid);
  return null;
end $$;
create trigger publisher_keys_end after update on publisher_keys for each row
  when ('revoked' in (old.ended, new.ended)) execute function mark_key();

-- What was said until now, all hosts have read.
insert into revocation_changes (kind, owner, name, seq)
  select 'version', plugin, version, (block ->> 'seq')::integer from versions where block is not null
  order by (block ->> 'seq')::integer;
insert into revocation_changes (kind, owner, name, seq)
  select 'key', publisher, kid, 1 from publisher_keys where ended = 'revoked';

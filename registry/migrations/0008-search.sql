-- Search is done in memory, over what these columns say: a text index here is no longer of use. (The extension that
-- 0004 made for it stays, since others may use it by now.)
alter table listings
  drop column words,
  drop column names,
  add column permission_kinds text[] not null default '{}',
  -- Names of network hosts, without ports.
  add column network_hosts text[] not null default '{}',
  -- The semver range of hosts that it runs on.
  add column host_range text not null default '*',
  -- Whose it is alone; null: everybody's.
  add column tenant_id text;

update listings set
    permission_kinds = array(select json_object_keys(v.permissions)),
    network_hosts = array(
      select distinct regexp_replace(lower(host), ':[0-9]+$', '')
      from json_array_elements(coalesce(v.permissions -> 'network', '[]')) as rule,
           json_array_elements_text(rule -> 'hosts') as host),
    host_range = coalesce(v.manifest -> 'engines' ->> 'plugboard', '*')
  from versions v
  where v.plugin = listings.plugin and v.version = listings.latest_version;

-- Which transaction changed a row last: whoever holds the catalog in memory reads what changed since its last snapshot.
-- Triggers, so that no writer can forget it.
create function mark_change() returns trigger language plpgsql as $$
begin
  new.changed_in := pg_current_xact_id();
  return new;
end $$;

alter table listings add column changed_in xid8 not null default pg_current_xact_id();
alter table plugin_statistics add column changed_in xid8 not null default pg_current_xact_id();
alter table publishers add column changed_in xid8 not null default pg_current_xact_id();
create index listings_by_change on listings (changed_in);
create index plugin_statistics_by_change on plugin_statistics (changed_in);
create index publishers_by_change on publishers (changed_in);
create index listings_by_publisher on listings (publisher);
create trigger listings_change before insert or update on listings for each row execute function mark_change();
create trigger plugin_statistics_change before insert or update on plugin_statistics
  for each row execute function mark_change();
create trigger publishers_change before update of verified on publishers for each row execute function mark_change();

-- What is said of a version may be what its listing shows.
create function mark_listing() returns trigger language plpgsql set search_path from current as $$
begin
  update listings set changed_in = default where plugin = new.plugin;
  return null;
end $$;
create trigger versions_change after update on versions for each row execute function mark_listing();

create table removed_listings (
  plugin text primary key,
  changed_in xid8 not null default pg_current_xact_id()
);
create index removed_listings_by_change on removed_listings (changed_in);
create function mark_removal() returns trigger language plpgsql set search_path from current as $$
begin
  insert into removed_listings (plugin) values (old.plugin)
    on conflict (plugin) do update set changed_in = default;
  return null;
end $$;
create trigger listings_removal after delete on listings for each row execute function mark_removal();

-- How much each install's plugin keeps. A writer holds this row while it writes, so that the quota counts exactly.
create table plugin_storage_usage (
  tenant_id text not null,
  install_id text not null,
  bytes bigint not null check (bytes >= 0),
  keys integer not null check (keys >= 0),
  primary key (tenant_id, install_id),
  foreign key (tenant_id, install_id) references installs (tenant_id, id) on delete cascade
);

create table plugin_storage (
  tenant_id text not null,
  install_id text not null,
  -- In the order of bytes, which is the same on every server.
  key text collate "C" not null,
  -- Not jsonb: what a plugin stored comes back to the letter, with NUL and lone surrogates in its strings.
  value json not null,
  -- Of the key and the value's text, in UTF-8.
  bytes integer not null check (bytes > 0),
  -- Random, so that no key ever has the same one again and nothing can be read from it.
  version text not null,
  primary key (tenant_id, install_id, key),
  foreign key (tenant_id, install_id) references plugin_storage_usage (tenant_id, install_id) on delete cascade
);

-- One round trip per write. Each statement in here sees what was committed before it, so also what the writer it
-- waited for has done; the parts of a single statement would not.

-- `expects`: 'any', 'absent', or 'version' with expected_version. Answers 'ok', 'conflict', 'quota' or 'keys'.
create function plugin_storage_set(
  of_tenant text, of_install text, of_key text,
  new_value json, new_bytes integer, new_version text,
  expects text, expected_version text, max_bytes bigint, max_keys integer,
  out outcome text, out used_bytes bigint, out used_keys integer
) language plpgsql set search_path from current as $$
declare
  held record;
  is_new boolean;
  grown integer;
begin
  select u.bytes, u.keys into used_bytes, used_keys from plugin_storage_usage u
    where u.tenant_id = of_tenant and u.install_id = of_install for update;
  if not found then
    insert into plugin_storage_usage (tenant_id, install_id, bytes, keys) values (of_tenant, of_install, 0, 0)
      on conflict do nothing;
    select u.bytes, u.keys into used_bytes, used_keys from plugin_storage_usage u
      where u.tenant_id = of_tenant and u.install_id = of_install for update;
  end if;

  select s.bytes, s.version into held from plugin_storage s
    where s.tenant_id = of_tenant and s.install_id = of_install and s.key = of_key;
  is_new := not found;
  if (expects = 'absent' and not is_new)
    or (expects = 'version' and (is_new or held.version <> expected_version)) then
    outcome := 'conflict';
    return;
  end if;

  grown := new_bytes - coalesce(held.bytes, 0);
  if grown > 0 and used_bytes + grown > max_bytes then
    outcome := 'quota';
    return;
  end if;
  if is_new and used_keys >= max_keys then
    outcome := 'keys';
    return;
  end if;

  insert into plugin_storage (tenant_id, install_id, key, value, bytes, version)
    values (of_tenant, of_install, of_key, new_value, new_bytes, new_version)
    on conflict (tenant_id, install_id, key)
    do update set value = excluded.value, bytes = excluded.bytes, version = excluded.version;
  update plugin_storage_usage u set bytes = u.bytes + grown, keys = u.keys + is_new::integer
    where u.tenant_id = of_tenant and u.install_id = of_install;
  outcome := 'ok';
end
$$;

-- Answers 'ok', 'absent' or 'conflict'. With an expected version, a key that is gone is a conflict.
create function plugin_storage_delete(of_tenant text, of_install text, of_key text, expected_version text)
returns text language plpgsql set search_path from current as $$
declare
  held record;
begin
  perform from plugin_storage_usage u where u.tenant_id = of_tenant and u.install_id = of_install for update;
  select s.bytes, s.version into held from plugin_storage s
    where s.tenant_id = of_tenant and s.install_id = of_install and s.key = of_key;
  if not found then
    return case when expected_version is null then 'absent' else 'conflict' end;
  end if;
  if held.version <> expected_version then
    return 'conflict';
  end if;
  delete from plugin_storage s where s.tenant_id = of_tenant and s.install_id = of_install and s.key = of_key;
  update plugin_storage_usage u set bytes = u.bytes - held.bytes, keys = u.keys - 1
    where u.tenant_id = of_tenant and u.install_id = of_install;
  return 'ok';
end
$$;

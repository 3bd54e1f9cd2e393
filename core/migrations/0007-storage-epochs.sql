-- Counts the changes of an install's version that may have changed the form of what its plugin stores. A call writes
-- only in the epoch that it began in.
alter table installs add column storage_epoch integer not null default 0;

-- Keeps every other writer of this storage waiting, a change of version too, and says whether the epoch has passed: read
-- after the lock, so that what the one before has committed is seen. Of an install that is gone, none has.
create function plugin_storage_epoch_is_over(of_tenant text, of_install text, of_epoch integer)
returns boolean language plpgsql set search_path from current as $$
begin
  perform from plugin_storage_usage u where u.tenant_id = of_tenant and u.install_id = of_install for update;
  return exists (select from installs i
    where i.tenant_id = of_tenant and i.id = of_install and i.storage_epoch <> of_epoch);
end
$$;

-- As `plugin_storage_set` and `plugin_storage_delete`; they also answer 'replaced'.
create function plugin_storage_set_in_epoch(
  of_tenant text, of_install text, of_epoch integer, of_key text,
  new_value json, new_bytes integer, new_version text,
  expects text, expected_version text, max_bytes bigint, max_keys integer,
  out outcome text, out used_bytes bigint, out used_keys integer
) language plpgsql set search_path from current as $$
begin
  -- There must be something to lock; a change of version that makes it first is waited for here.
  if not exists (select from plugin_storage_usage u
    where u.tenant_id = of_tenant and u.install_id = of_install) then
    insert into plugin_storage_usage (tenant_id, install_id, bytes, keys) values (of_tenant, of_install, 0, 0)
      on conflict do nothing;
  end if;
  if plugin_storage_epoch_is_over(of_tenant, of_install, of_epoch) then
    outcome := 'replaced';
    return;
  end if;
  select s.outcome, s.used_bytes, s.used_keys into outcome, used_bytes, used_keys
    from plugin_storage_set(of_tenant, of_install, of_key, new_value, new_bytes, new_version,
      expects, expected_version, max_bytes, max_keys) s;
end
$$;

create function plugin_storage_delete_in_epoch(
  of_tenant text, of_install text, of_epoch integer, of_key text, expected_version text
) returns text language plpgsql set search_path from current as $$
begin
  if plugin_storage_epoch_is_over(of_tenant, of_install, of_epoch) then
    return 'replaced';
  end if;
  return plugin_storage_delete(of_tenant, of_install, of_key, expected_version);
end
$$;

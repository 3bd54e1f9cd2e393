-- The order of events is the database's own: ids carry the clocks of several hosts.
alter table events add column seq bigint generated always as identity;
drop index events_of_tenant;
drop index events_of_tenant_by_type;
create index events_of_tenant on events (tenant_id, seq);
create index events_of_tenant_by_type on events (tenant_id, type text_pattern_ops, seq);
create index events_by_age on events (created_at);

-- How much a plugin has told a tenant, by day, so that what it told counts for as long as events are kept. By plugin,
-- not by install: to install anew is no way to a fresh quota. A writer holds the day's row while it writes.
create table event_usage (
  tenant_id text not null references tenants (id) on delete cascade,
  plugin text not null,
  day date not null,
  bytes bigint not null default 0,
  -- A leaky bucket: what was in it when it was looked at last. It empties itself in a minute.
  recent double precision not null default 0,
  recent_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, plugin, day)
);
create index event_usage_by_day on event_usage (day);

-- One round trip per event. Answers 'ok', 'told' (with the id it is stored under), 'rate' or 'bytes'. Each statement in
-- here sees what was committed before it, so also what the writer it waited for has done.
create function event_publish(
  of_tenant text, new_id text, new_type text, new_source jsonb, new_data jsonb, new_key text,
  new_bytes integer, max_per_minute integer, max_bytes bigint,
  out outcome text, out event_id text
) language plpgsql set search_path from current as $$
declare
  of_plugin text := new_source ->> 'plugin';
  today date := (clock_timestamp() at time zone 'UTC')::date;
  used record;
  level double precision;
begin
  select u.recent, u.recent_at into used from event_usage u
    where u.tenant_id = of_tenant and u.plugin = of_plugin and u.day = today for update;
  if not found then
    insert into event_usage (tenant_id, plugin, day) values (of_tenant, of_plugin, today) on conflict do nothing;
    select u.recent, u.recent_at into used from event_usage u
      where u.tenant_id = of_tenant and u.plugin = of_plugin and u.day = today for update;
  end if;

  if new_key is not null then
    select e.id into event_id from events e
      where e.tenant_id = of_tenant and e.source ->> 'installId' = new_source ->> 'installId' and e.dedupe_key = new_key;
    if found then
      outcome := 'told';
      return;
    end if;
  end if;

  level := greatest(0, used.recent - extract(epoch from clock_timestamp() - used.recent_at) / 60 * max_per_minute) + 1;
  if level > max_per_minute then
    outcome := 'rate';
    return;
  end if;
  if new_bytes + (select sum(u.bytes) from event_usage u where u.tenant_id = of_tenant and u.plugin = of_plugin) > max_bytes then
    outcome := 'bytes';
    return;
  end if;

  insert into events (id, tenant_id, type, source, data, dedupe_key)
    values (new_id, of_tenant, new_type, new_source, new_data, new_key)
    on conflict do nothing;
  if not found then
    -- Told at midnight, by somebody who holds the row of another day.
    select e.id into event_id from events e
      where e.tenant_id = of_tenant and e.source ->> 'installId' = new_source ->> 'installId' and e.dedupe_key = new_key;
    outcome := 'told';
    return;
  end if;
  update event_usage u set bytes = u.bytes + new_bytes, recent = level, recent_at = clock_timestamp()
    where u.tenant_id = of_tenant and u.plugin = of_plugin and u.day = today;
  outcome := 'ok';
  event_id := new_id;
end
$$;

create index hook_changes_by_age on hook_changes (created_at);

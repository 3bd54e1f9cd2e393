-- What is counted of a plugin, one narrow row each: counters change often, listings and their indexes seldom.
-- No foreign key: what was counted outlives a listing that was taken down.
create table plugin_statistics (
  plugin_id text primary key,
  -- Tenants that have it now, and that ever had it.
  installs_active integer not null default 0 check (installs_active >= 0),
  installs_total integer not null default 0 check (installs_total >= 0),
  -- Once for each host and day.
  downloads bigint not null default 0 check (downloads >= 0),
  rating_sum integer not null default 0 check (rating_sum >= 0),
  rating_count integer not null default 0 check (rating_count >= 0),
  -- The Bayesian mean, 1 to 5; 0 where nobody rated it yet.
  rating_score real not null default 0 check (rating_score between 0 and 5),
  updated_at timestamptz not null default now()
);
insert into plugin_statistics (plugin_id, installs_active, installs_total)
  select plugin, count(*) filter (where status = 'active'), count(distinct tenant_id) from installs group by plugin;
insert into plugin_statistics (plugin_id) select plugin from listings on conflict do nothing;

-- The same by the day (UTC), for curves and sums over the last days.
create table plugin_days (
  plugin_id text not null,
  day date not null,
  installs integer not null default 0,
  downloads integer not null default 0,
  primary key (plugin_id, day)
);

-- Which host has fetched what on a day, so that it counts once. Days that are over are deleted.
create table download_marks (
  day date not null,
  plugin_id text not null,
  downloader text not null,
  primary key (day, plugin_id, downloader)
);

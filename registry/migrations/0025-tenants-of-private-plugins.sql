-- 0021 gave the tenants that were known then to the one host that there was, but for those that had nothing left than private
-- plugins, after their link to the publisher had ended: any host could have named them, and read these.
insert into tenant_hosts (tenant_id, host, since)
  select tenant_id, 'default', now() from (
    select tenant_id from listings
    union select tenant_id from publications
    union select tenant_id from publisher_tenants
  ) known
  where tenant_id is not null
  on conflict (tenant_id) do nothing;

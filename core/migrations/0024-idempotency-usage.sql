-- How much of idempotent requests is kept for each tenant, so that what it may have kept is looked at without counting.
create table idempotency_usage (
  tenant_id text primary key references tenants (id) on delete cascade,
  requests bigint not null,
  reply_bytes bigint not null
);
insert into idempotency_usage
  select tenant_id, count(*), coalesce(sum(octet_length(reply)), 0) from idempotent_requests group by tenant_id;

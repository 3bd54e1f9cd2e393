-- Looks are taken from each tenant in turn, the oldest first: found without a look at all that are due.
create index connection_health_due_of_tenant on connection_health (tenant_id, next_check_at);
drop index connection_health_due;

-- The order of an install's changes is the database's own: ids carry the clocks of several hosts.
alter table install_history add column seq bigint;
create sequence install_history_seq owned by install_history.seq;
update install_history h set seq = o.seq
  from (select id, nextval('install_history_seq') as seq from (select id from install_history order by created_at, id) x) o
  where o.id = h.id;
alter table install_history alter column seq set default nextval('install_history_seq'), alter column seq set not null;
drop index install_history_of_install;
create index install_history_of_install on install_history (tenant_id, install_id, seq);

-- Null: forgotten, so that there is no way back any more over this change. It is not needed of what was taken back, of
-- what took back, and of the first.
alter table install_history alter column storage_before drop not null, alter column storage_before drop default;
update install_history set storage_before = null where undone or change in ('installed', 'rolled-back');

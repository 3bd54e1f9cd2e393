-- What the installed version says that it is, such as `crm`: connections are found by it. Installs of before have none until
-- their next change of version.
alter table installs add column categories text[] not null default '{}';

-- What an operator's client may be used for: a later version of the plugin that asks in another way does not get it.
alter table oauth_clients
  add column grants text[] not null default '{authorization_code}',
  add check (cardinality(grants) > 0);

-- Those that wait hold copies of operators' clients, which are looked up from now on.
delete from token_revocations;

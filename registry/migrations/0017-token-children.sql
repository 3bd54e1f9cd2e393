-- The token that made it: one that is revoked takes with it what it made.
alter table account_tokens add column parent_id text references account_tokens (id);
create index account_tokens_of_parent on account_tokens (parent_id) where parent_id is not null;

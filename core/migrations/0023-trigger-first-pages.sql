-- A first run of a trigger ends, whatever the plugin says: how many pages of it there were.
alter table triggers add column first_pages integer not null default 0;

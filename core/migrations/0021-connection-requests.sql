-- What a tenant says of the requests over its connection, over what the plugin's manifest declares.
alter table connections add column requests json;

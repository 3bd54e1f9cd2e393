-- Which tenant a publisher's private plugins are for. A publisher has one at a time; what was published stays whose it is.
create table tenant_publishers (
  publisher text primary key references publishers (name),
  tenant_id text not null,
  linked_at timestamptz not null
);
create index tenant_publishers_of_tenant on tenant_publishers (tenant_id, publisher);

-- Whom a publication is for alone; null: everybody.
alter table publications add column tenant_id text;
-- Who may read what was said; null: everybody. To others its digest is shown.
alter table log_entries add column tenant_id text;
-- Of a private plugin: what makes that nobody finds its leaf by guessing its name.
alter table index_records add column salt text;

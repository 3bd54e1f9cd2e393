-- One row for each author and plugin, for ever: an author who deletes a review and writes another one keeps the row, so
-- that what moderation decided stays decided.
create table reviews (
  id text primary key,
  plugin text not null,
  -- Opaque: a host says which of its tenants, and a keyed hash of whoever writes in it.
  tenant_id text not null,
  author text not null,
  -- What the author wants to be called.
  author_name text,
  -- Which host token it came with; for the flood rule alone.
  host text not null,
  -- Whether the tenant had only just installed the plugin; for the flood rule alone.
  newcomer boolean not null,
  version text not null,
  rating smallint not null check (rating between 1 and 5),
  title text not null,
  body text not null,
  status text not null check (status in ('visible', 'held', 'hidden', 'removed')),
  helpful_count integer not null default 0 check (helpful_count >= 0),
  -- Reports that moderation has not settled yet.
  report_count integer not null default 0 check (report_count >= 0),
  reply text,
  replied_at timestamptz,
  -- When the statement that holds the reply was signed: an older one is not taken for a newer.
  reply_signed_at timestamptz,
  created_at timestamptz not null,
  edited_at timestamptz,
  deleted_at timestamptz,
  unique (plugin, tenant_id, author)
);
create index reviews_of_author on reviews (tenant_id, author, id);
create index reviews_of_plugin_by_age on reviews (plugin, created_at);
create index reviews_newest on reviews (plugin, created_at desc, id desc)
  where status = 'visible' and deleted_at is null;
create index reviews_helpful on reviews (plugin, helpful_count desc, created_at desc, id desc)
  where status = 'visible' and deleted_at is null;
create index reviews_highest on reviews (plugin, rating desc, created_at desc, id desc)
  where status = 'visible' and deleted_at is null;
create index reviews_to_moderate on reviews (status, id) where status <> 'visible';
create index reviews_reported on reviews (id) where report_count > 0;

-- How many reviews that count gave how many stars; changed with the review, under the lock of this row.
create table plugin_ratings (
  plugin text primary key,
  stars integer[] not null default '{0,0,0,0,0}' check (array_length(stars, 1) = 5 and 0 <= all (stars))
);

-- Each text there was, for moderation.
create table review_revisions (
  review_id text not null references reviews (id),
  revision integer not null,
  change text not null check (change in ('written', 'edited', 'deleted')),
  version text not null,
  author_name text,
  rating smallint not null,
  title text not null,
  body text not null,
  at timestamptz not null,
  primary key (review_id, revision)
);

create table review_votes (
  review_id text not null references reviews (id),
  tenant_id text not null,
  author text not null,
  at timestamptz not null,
  primary key (review_id, tenant_id, author)
);

create table review_reports (
  review_id text not null references reviews (id),
  tenant_id text not null,
  author text not null,
  reason text not null,
  note text not null,
  at timestamptz not null,
  settled_at timestamptz,
  primary key (review_id, tenant_id, author)
);

-- Which tenants belong to a publisher. What they say of its plugins is no review.
create table publisher_tenants (
  publisher text not null references publishers (name),
  tenant_id text not null,
  linked_at timestamptz not null,
  primary key (publisher, tenant_id)
);

-- Who decided what about a review, and why.
create table review_audit (
  id bigint generated always as identity primary key,
  review_id text not null references reviews (id),
  -- A decision of the operator's, or a rule's.
  decided_by text not null check (decided_by in ('operator', 'flood-rule', 'publisher-link')),
  decision text not null,
  reason text not null,
  at timestamptz not null
);
create index review_audit_of_review on review_audit (review_id, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'The table % is only ever appended to.', tg_table_name;
end $$;
create trigger review_audit_appended before update or delete or truncate on review_audit
  for each statement execute function refuse_change();

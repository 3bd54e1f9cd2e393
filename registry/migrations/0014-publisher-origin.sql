-- The registry that a publisher comes from, by the digest of the root that was trusted first; null: this one.
alter table publishers add column origin text;

-- The time that a purchase was paid for, as it was added to what stood: what a refund takes back. `paid_until` is null
-- where it does not end by itself.
alter table purchases add column paid_from timestamptz;
alter table purchases add column paid_until timestamptz;

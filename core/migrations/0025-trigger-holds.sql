-- Until when the vendor wants to be left alone, so that nobody's wish to poll now overrides it.
alter table triggers add column held_until timestamptz;

-- What in the tenant's policy speaks against the version that is installed, { reasons, stops }; null: nothing is known of.
alter table installs add column policy_refusal jsonb;

-- What the tenant agreed to, as the release's manifest has it: so that who has hooks is known without loading releases.
-- It counts as far as it fits the digest in the signed receipt. Null for installs from before: their releases are loaded.
alter table installs add column permissions json;

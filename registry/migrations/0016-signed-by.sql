-- Which of the revoked keys have signed anything: asked whenever a checkpoint is made.
create index versions_by_key on versions (signed_by);

-- What the tenant had agreed to at each version, so that this host need not take the registry's word for it.
alter table install_history add column consent text;
update install_history h set consent = i.consent
  from installs i
  where i.id = h.install_id and i.tenant_id = h.tenant_id and i.tarball_sha512 = h.tarball_sha512;

-- Files that pass between applications, plugins and vendors, for a day or so.
create table files (
  id text primary key,
  tenant_id text not null references tenants (id) on delete cascade,
  -- Whose plugin made it; null: an application of the tenant's put it in.
  install_id text,
  name text,
  content_type text not null,
  -- Of what was written so far, in bytes; and in how many pieces, each of `piece_bytes` but for the last.
  size bigint not null default 0,
  pieces integer not null default 0,
  piece_bytes integer not null check (piece_bytes > 0),
  -- SHA-256 of the whole. Null: it is being written, and nobody sees it.
  sha256 bytea,
  -- What the pieces are sealed under, sealed under the tenant's data key.
  sealed_key bytea not null,
  key_generation integer not null,
  created_at timestamptz not null,
  -- Of one that is being written: when its writer is taken for gone.
  expires_at timestamptz not null,
  foreign key (tenant_id, install_id) references installs (tenant_id, id) on delete cascade,
  foreign key (tenant_id, key_generation) references data_keys (tenant_id, generation)
);
create index files_by_expiry on files (expires_at);
create index files_of_tenant on files (tenant_id, id);
create index files_of_install on files (install_id) where install_id is not null;

create table file_pieces (
  file_id text not null references files (id) on delete cascade,
  seq integer not null,
  sealed bytea not null,
  primary key (file_id, seq)
);
-- What is sealed does not get smaller.
alter table file_pieces alter column sealed set storage external;

-- What is kept, unfinished files too: of a tenant (`install_id` is empty), and of each install.
create table file_usage (
  tenant_id text not null references tenants (id) on delete cascade,
  install_id text not null,
  bytes bigint not null,
  files bigint not null,
  primary key (tenant_id, install_id)
);

-- Whoever writes to a file or takes it away holds the file first, then the usage, of the tenant before that of the install.

-- Answers 'ok', 'tenant-files' or 'install-files'.
create function file_begin(
  new_id text, of_tenant text, of_install text, new_name text, new_type text, new_piece_bytes integer,
  new_key bytea, of_generation integer, at_time timestamptz, until_time timestamptz,
  most_of_tenant bigint, most_of_install bigint
) returns text language plpgsql set search_path from current as $$
begin
  insert into file_usage (tenant_id, install_id, bytes, files) values (of_tenant, '', 0, 0) on conflict do nothing;
  update file_usage u set files = u.files + 1
    where u.tenant_id = of_tenant and u.install_id = '' and u.files < most_of_tenant;
  if not found then
    return 'tenant-files';
  end if;
  if of_install is not null then
    insert into file_usage (tenant_id, install_id, bytes, files) values (of_tenant, of_install, 0, 0)
      on conflict do nothing;
    update file_usage u set files = u.files + 1
      where u.tenant_id = of_tenant and u.install_id = of_install and u.files < most_of_install;
    if not found then
      update file_usage u set files = u.files - 1 where u.tenant_id = of_tenant and u.install_id = '';
      return 'install-files';
    end if;
  end if;
  insert into files (
    id, tenant_id, install_id, name, content_type, piece_bytes, sealed_key, key_generation, created_at, expires_at
  ) values (
    new_id, of_tenant, of_install, new_name, new_type, new_piece_bytes, new_key, of_generation, at_time, until_time
  );
  return 'ok';
end
$$;

-- Adds the piece `at_seq` of so many bytes. Answers 'ok', 'tenant-bytes', 'install-bytes', or 'gone' for a file that is not
-- being written any more.
create function file_append(
  of_file text, of_tenant text, at_seq integer, new_sealed bytea, new_bytes integer, until_time timestamptz,
  most_of_tenant bigint, most_of_install bigint
) returns text language plpgsql set search_path from current as $$
declare
  owner text;
begin
  select f.install_id into owner from files f
    where f.id = of_file and f.tenant_id = of_tenant and f.sha256 is null and f.pieces = at_seq for update;
  if not found then
    return 'gone';
  end if;
  update file_usage u set bytes = u.bytes + new_bytes
    where u.tenant_id = of_tenant and u.install_id = '' and u.bytes + new_bytes <= most_of_tenant;
  if not found then
    return 'tenant-bytes';
  end if;
  if owner is not null then
    update file_usage u set bytes = u.bytes + new_bytes
      where u.tenant_id = of_tenant and u.install_id = owner and u.bytes + new_bytes <= most_of_install;
    if not found then
      update file_usage u set bytes = u.bytes - new_bytes where u.tenant_id = of_tenant and u.install_id = '';
      return 'install-bytes';
    end if;
  end if;
  insert into file_pieces (file_id, seq, sealed) values (of_file, at_seq, new_sealed);
  update files f set size = f.size + new_bytes, pieces = f.pieces + 1, expires_at = until_time where f.id = of_file;
  return 'ok';
end
$$;

-- However a file goes: deleted, with its install, or with its tenant.
create function file_gone() returns trigger language plpgsql set search_path from current as $$
begin
  update file_usage u set bytes = u.bytes - old.size, files = u.files - 1
    where u.tenant_id = old.tenant_id and u.install_id = '';
  update file_usage u set bytes = u.bytes - old.size, files = u.files - 1
    where u.tenant_id = old.tenant_id and u.install_id = old.install_id;
  return null;
end
$$;
create trigger file_gone after delete on files for each row execute function file_gone();

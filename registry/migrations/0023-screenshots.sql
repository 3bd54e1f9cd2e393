-- Pictures of a plugin at work, as many as plugin.json names, in its order; of the other kinds there is one each.
alter table version_files
  add column position integer not null default 0,
  add column caption text,
  drop constraint version_files_kind_check,
  add constraint version_files_kind_check check (kind in ('readme', 'changelog', 'icon', 'screenshot')),
  drop constraint version_files_pkey,
  add primary key (plugin, version, kind, position);

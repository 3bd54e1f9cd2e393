/**
 * How the embedded server runs. Given on its command line, so that a new version of this program
 * brings its own. Sized for a small machine; durability is PostgreSQL's default and stays so: fsync
 * on, synchronous commit on, full page writes on.
 */
export function serverSettings(port: number): Record<string, string> {
  return {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: "64MB",
    effective_cache_size: "512MB",
    maintenance_work_mem: "32MB",
    max_wal_size: "512MB",
    huge_pages: "off",
    // Fewer background processes: none of these is used here.
    io_method: "sync",
    max_logical_replication_workers: "0",
    // Two, so that pg_basebackup can take a backup.
    max_wal_senders: "2",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    lc_messages: "C",
    log_checkpoints: "off",
    // Of a failed statement the sender is told; here it would be written down with a tenant's data in it.
    log_min_messages: "log",
    log_line_prefix: "%m [%p] ",
    log_min_error_statement: "panic",
    log_parameter_max_length: "0",
    log_parameter_max_length_on_error: "0",
  };
}

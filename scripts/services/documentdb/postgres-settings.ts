import { totalmem } from 'node:os';

/**
 * PostgreSQL's whole configuration, written anew at every start. Paths are those inside the DocumentDB root. Measured for Parley's
 * collections; what each group is for stands above it.
 */
export const postgresSettings = (durable: boolean): string => {
  const buffersMb = Math.round(Math.min(1024, Math.max(128, totalmem() / 16 / 2 ** 20)));
  return `
# Reached over a Unix socket alone; the folder it is in is root's and the server's.
listen_addresses = ''
unix_socket_directories = '/sockets'
max_connections = 80
timezone = 'UTC'
log_timezone = 'UTC'

shared_preload_libraries = 'pg_cron,pg_documentdb_extended_rum,pg_documentdb_core,pg_documentdb'
documentdb.alternate_index_handler_name = 'extended_rum'
documentdb.localhost_connection_string = 'host=/sockets'
# The gateway runs expiry itself and builds indexes at once, so nothing is left for scheduled jobs.
cron.database_name = 'postgres'
cron.launch_active_jobs = off
documentdb.enableBackgroundWorkerJobs = off

# What is acknowledged is on the disk.
fsync = ${durable ? 'on' : 'off'}
synchronous_commit = ${durable ? 'on' : 'off'}
full_page_writes = ${durable ? 'on' : 'off'}

shared_buffers = ${buffersMb}MB
huge_pages = off
wal_buffers = 16MB
wal_level = minimal
max_wal_senders = 0
wal_compression = lz4
max_wal_size = 2GB
min_wal_size = 256MB
checkpoint_timeout = 15min

# Short queries over indexes: compiling them or spreading them over processes costs more than they do, and a bitmap scan forgets the
# order that the next 'sort and limit' needs.
jit = off
max_parallel_workers_per_gather = 0
enable_bitmapscan = off
random_page_cost = 1.1

# The planner must know a collection's size before its first thousand documents are in.
autovacuum_naptime = 5s
autovacuum_analyze_threshold = 200
autovacuum_analyze_scale_factor = 0.2
autovacuum_max_workers = 2

log_min_messages = warning
log_line_prefix = '%m '
`;
};

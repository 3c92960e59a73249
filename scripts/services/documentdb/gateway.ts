/**
 * The wire gateway's process: MongoDB's protocol on a Unix socket, PostgreSQL with DocumentDB behind it. It asks
 * nobody who they are: the socket is in a folder that only its user can reach into. It ends when its standard
 * input does, so it cannot outlive whoever started it, and when PostgreSQL is lost, so that drivers see what they would see of a
 * mongod that died: closed connections, then a socket where nobody listens.
 */
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { CursorRegistry } from './cursor-registry.js';
import { serveDriver } from './driver-connection.js';
import { DuplicateKeys } from './duplicate-keys.js';
import { type Columns, PostgresConnection, type Statement } from './postgres-connection.js';
import { PostgresPool } from './postgres-pool.js';
import { deleteExpired } from './statements.js';
import { Turns } from './turns.js';

const socketPath = process.env.GATEWAY_SOCKET ?? '';
const postgresPath = process.env.GATEWAY_POSTGRES ?? '';
const pool = new PostgresPool({
  open: () => PostgresConnection.open(postgresPath, 'documentdb', 'postgres'),
  onLost: () => {
    console.error('gateway: PostgreSQL is lost');
    process.exit(1);
  },
  size: Number(process.env.GATEWAY_POOL ?? 16),
  waiting: 10_000,
  waitMs: 30_000,
});
const cursors = new CursorRegistry(pool, { cursors: 10_000, pinned: 24, idleMs: 10 * 60_000 });

/** What the gateway itself asks of PostgreSQL. */
const ask = async (statement: Statement, parameters: Buffer[]): Promise<Columns> => {
  const connection = await pool.take();
  try {
    return await connection.run(statement, parameters);
  } finally {
    pool.give(connection);
  }
};

const backend = { pool, cursors, definitionTurns: new Turns(), duplicates: new DuplicateKeys(ask) };

const server = createServer((socket) => serveDriver(socket, backend));

// TTL indexes: a failure is tried again with the next round.
setInterval(() => void ask(deleteExpired, []).catch((error: unknown) => console.error(`expiry: ${String(error)}`)), 60_000);
setInterval(() => cursors.sweep(), 30_000);

const stop = (): never => process.exit(0);
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.stdin.on('end', stop).on('error', stop).resume();

server.on('error', (error) => {
  console.error(`gateway: ${error.message}`);
  process.exit(1);
});
// One connection is open before any driver is, so that there is one to lose.
pool.give(await pool.take());
process.umask(0o077);
// One that a killed gateway left would be in the way.
rmSync(socketPath, { force: true });
server.listen(socketPath, () => console.log('ready'));

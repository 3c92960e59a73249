import { setTimeout as sleep } from 'node:timers/promises';
import { type Document, deserialize, serialize } from 'bson';
import type { CursorRegistry } from './cursor-registry.js';
import type { DuplicateKeys } from './duplicate-keys.js';
import { failureOf, failureOfState, isPassing, unpackState, type WireFailure } from './error-codes.js';
import type { WireRequest } from './op-msg.js';
import { ownCommands } from './own-commands.js';
import { type Columns, type PostgresConnection, PostgresLost, type Statement } from './postgres-connection.js';
import type { PostgresPool } from './postgres-pool.js';
import { rawFields, rawString, withoutFields } from './raw-document.js';
import * as statements from './statements.js';
import type { Turns } from './turns.js';

/** What all requests share. */
export interface Backend {
  pool: PostgresPool;
  duplicates: DuplicateKeys;
  cursors: CursorRegistry;
  definitionTurns: Turns;
}

/** Fields that steer a driver's conversation with a cluster; DocumentDB's functions refuse or do not need them. */
const conversational: ReadonlySet<string> = new Set([
  '$db',
  'lsid',
  '$readPreference',
  '$clusterTime',
  'txnNumber',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]);

const duplicateKey = 11000;
const maxAttempts = 5;

const aliases: Readonly<Record<string, string>> = { findandmodify: 'findAndModify', deleteIndexes: 'dropIndexes' };

/** A request, taken apart as far as it must be. */
interface Command {
  name: string;
  database: Buffer;
  /** What the command names, mostly a collection. */
  target: string;
  body: Buffer;
  sequence: Buffer | null;
}

/**
 * The reply to one request, as bytes. Failures become replies too; only the loss of PostgreSQL is thrown, because the outcome is
 * then unknown and the driver must hear that from a closed connection.
 */
export const answer = async (request: WireRequest, backend: Backend, connectionId: number): Promise<Buffer> => {
  const fields = rawFields(request.command);
  const first = fields[0]?.name ?? '';
  const own = ownCommands[first.toLowerCase()];
  if (own) return reply(own(deserialize(request.command), connectionId));
  const databaseField = fields.find((field) => field.name === '$db');
  const command: Command = {
    name: aliases[first] ?? first,
    database: Buffer.from(rawString(request.command, databaseField) ?? 'admin'),
    target: rawString(request.command, fields[0]) ?? '',
    body: withoutFields(request.command, fields, conversational),
    sequence: request.sequence ?? null,
  };
  try {
    return await run(command, backend);
  } catch (error) {
    if (error instanceof PostgresLost) throw error;
    const failed = failureOf(error);
    if (failed.code !== duplicateKey) return failure(failed);
    return failure({ ...failed, ...(await backend.duplicates.describe(String(command.database), command.target, failed.errmsg)) });
  }
};

const run = async (command: Command, backend: Backend): Promise<Buffer> => {
  const { name, database, body } = command;
  const target = Buffer.from(command.target);
  const write = statements.writes[name];
  if (write) return writeResult(await once(backend, write, [database, body, command.sequence]), command, backend);
  const cursor = statements.cursors[name];
  if (cursor) return firstPage(backend, cursor, database, body);
  const document = statements.documents[name];
  if (document) return only(await once(backend, document, [database, body]));
  const definition = statements.definitions[name];
  if (definition) return definitionResult(await define(backend, definition, [database, body]));
  switch (name) {
    case 'getMore':
      return nextPage(backend, String(deserialize(body, { useBigInt64: true }).getMore), body);
    case 'killCursors':
      return killCursors(backend, deserialize(body, { useBigInt64: true }).cursors as bigint[]);
    case 'collMod':
      return only(await define(backend, statements.collMod, [database, target, body]));
    case 'renameCollection':
      return only(await define(backend, statements.renameCollection, [body]));
    case 'listDatabases':
      return only(await once(backend, statements.listDatabases, [body]));
    case 'collStats':
      return only(await once(backend, statements.collStats, [database, target]));
    case 'explain':
      return explain(backend, database, body);
    case 'dbStats':
      return only(await once(backend, statements.dbStats, [database]));
    case 'drop':
      await define(backend, statements.drop, [database, target]);
      return reply({ ns: `${database}.${target}`, ok: 1 });
    case 'dropDatabase':
      await define(backend, statements.dropDatabase, [database]);
      return reply({ dropped: String(database), ok: 1 });
    default:
      return failure({ code: 59, codeName: 'CommandNotFound', errmsg: `no such command: '${name}'` });
  }
};

const reply = (document: Document): Buffer => Buffer.from(serialize(document));

const failure = (what: WireFailure): Buffer => reply({ ok: 0, ...what });

const only = (columns: Columns): Buffer => columns[0] ?? reply({ ok: 1 });

/** Runs a statement on any connection; what lost against another statement is tried again, a few times. */
const once = async (backend: Backend, statement: Statement, parameters: (Buffer | null)[]): Promise<Columns> => {
  const connection = await backend.pool.take();
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await connection.run(statement, parameters);
      } catch (error) {
        if (attempt >= maxAttempts || !isPassing(error)) throw error;
      }
      await sleep(Math.random() * 10 * attempt);
    }
  } finally {
    backend.pool.give(connection);
  }
};

/** Of a `find` alone. The plan is PostgreSQL's own, not in the shape of a mongod's. */
const explain = async (backend: Backend, database: Buffer, body: Buffer): Promise<Buffer> => {
  const find: unknown = deserialize(body).explain;
  if (typeof find !== 'object' || find === null || !('find' in find)) {
    return failure({ code: 59, codeName: 'CommandNotFound', errmsg: 'only a find can be explained' });
  }
  const command = serialize(Object.fromEntries(Object.entries(find).filter(([name]) => !conversational.has(name))));
  const [plan] = await once(backend, statements.explainFind, [database, Buffer.from(command)]);
  return reply({ queryPlanner: { plan: JSON.parse(String(plan)) as Document[] }, ok: 1 });
};

const define = async (backend: Backend, statement: Statement, parameters: (Buffer | null)[]): Promise<Columns> => {
  try {
    return await backend.definitionTurns.next(() => once(backend, statement, parameters));
  } finally {
    backend.duplicates.forget();
  }
};

/** Write errors carry SQLSTATEs; drivers expect MongoDB's codes. A result without errors passes as it is. */
const writeResult = async (columns: Columns, command: Command, backend: Backend): Promise<Buffer> => {
  const result = only(columns);
  if (String(columns[1]) === 't') return result;
  const document = deserialize(result, { promoteLongs: false });
  const errors = (document.writeErrors ?? []) as { index: number; code: number; errmsg: string }[];
  document.writeErrors = await Promise.all(
    errors.map(async ({ index, code, errmsg }) => {
      const failed = failureOfState(unpackState(Number(code)), errmsg);
      if (failed.code !== duplicateKey) return { index, code: failed.code, errmsg };
      return { index, code: failed.code, ...(await backend.duplicates.describe(String(command.database), command.target, errmsg)) };
    }),
  );
  return reply(document);
};

/** DocumentDB answers definitions for a cluster of shards; an error of one of them is the command's own. */
const definitionResult = (columns: Columns): Buffer => {
  const result = only(columns);
  const document = deserialize(result, { promoteLongs: false });
  const shard = document.raw?.defaultShard as Document | undefined;
  if (!shard) return result;
  if (Number(shard.ok) === 1) return reply({ ...shard, ok: 1 });
  const code = Number(shard.code);
  return failure(failureOfState(unpackState(code), String(shard.errmsg)));
};

const firstPage = async (backend: Backend, statement: Statement, database: Buffer, command: Buffer): Promise<Buffer> => {
  const connection = await backend.pool.take();
  let pinned: PostgresConnection | undefined;
  try {
    const [page, continuation, persists, id] = await connection.run(statement, [database, command]);
    if (!page) throw new Error('DocumentDB answered no page');
    if (continuation && id) {
      if (String(persists) === 't') pinned = connection;
      if (pinned) backend.pool.pin();
      backend.cursors.put(String(id), { continuation, database: String(database), pinned });
    }
    return page;
  } finally {
    if (!pinned) backend.pool.give(connection);
  }
};

const nextPage = async (backend: Backend, id: string, command: Buffer): Promise<Buffer> => {
  const cursor = backend.cursors.take(id);
  if (!cursor) return failure({ code: 43, codeName: 'CursorNotFound', errmsg: `cursor id ${id} not found` });
  const parameters = [Buffer.from(cursor.database), command, cursor.continuation];
  let columns: Columns;
  try {
    columns = cursor.pinned ? await cursor.pinned.run(statements.getMore, parameters) : await once(backend, statements.getMore, parameters);
  } catch (error) {
    cursor.pinned?.end();
    throw error;
  }
  const [page, continuation] = columns;
  if (!page) throw new Error('DocumentDB answered no page');
  if (continuation) backend.cursors.put(id, { ...cursor, continuation });
  else backend.cursors.finish(cursor);
  return page;
};

const killCursors = (backend: Backend, ids: bigint[]): Buffer => {
  const killed = ids.filter((id) => backend.cursors.kill(String(id)));
  const missing = ids.filter((id) => !killed.includes(id));
  return reply({ cursorsKilled: killed, cursorsNotFound: missing, cursorsAlive: [], cursorsUnknown: [], ok: 1 });
};

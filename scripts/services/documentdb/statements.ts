import type { Statement } from './postgres-connection.js';

const bson = 'documentdb_core.bson';
const statement = (name: string, sql: string): Statement => ({ name, sql });
const write = (name: string) =>
  statement(name, `SELECT p_result, p_success FROM documentdb_api.${name}($1::text, $2::${bson}, $3::documentdb_core.bsonsequence, NULL)`);
const firstPage = (name: string) =>
  statement(
    name,
    `SELECT cursorpage, continuation, persistconnection, cursorid FROM documentdb_api.${name}_cursor_first_page($1::text, $2::${bson}, 0)`,
  );

/** `$1` the database, `$2` the command, `$3` the documents that came beside it. Answers the result and whether all of it succeeded. */
export const writes: Readonly<Record<string, Statement>> = {
  insert: write('insert'),
  update: write('update'),
  delete: write('delete'),
};

/** `$1` the database, `$2` the command. Answers a page, and what its next page needs. */
export const cursors: Readonly<Record<string, Statement>> = {
  find: firstPage('find'),
  aggregate: firstPage('aggregate'),
  listCollections: firstPage('list_collections'),
  listIndexes: firstPage('list_indexes'),
};

export const getMore = statement(
  'get_more',
  `SELECT cursorpage, continuation FROM documentdb_api.cursor_get_more($1::text, $2::${bson}, $3::${bson})`,
);

/** `$1` the database, `$2` the command. Answers one document. */
export const documents: Readonly<Record<string, Statement>> = {
  findAndModify: statement('find_and_modify', `SELECT p_result FROM documentdb_api.find_and_modify($1::text, $2::${bson}, NULL)`),
  count: statement('count', `SELECT document FROM documentdb_api.count_query($1::text, $2::${bson})`),
  distinct: statement('distinct', `SELECT document FROM documentdb_api.distinct_query($1::text, $2::${bson})`),
};

/** `$1` the database, `$2` a `find`. Runs it and answers PostgreSQL's plan of it as JSON. */
export const explainFind = statement(
  'explain_find',
  `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, FORMAT JSON) SELECT document FROM documentdb_api_catalog.bson_aggregation_find($1::text, $2::${bson})`,
);

/** The same, for commands that change what collections and indexes there are: one at a time, since they wait for each other's locks. */
export const definitions: Readonly<Record<string, Statement>> = {
  createIndexes: statement('create_indexes', `SELECT documentdb_api_internal.create_indexes_non_concurrently($1::text, $2::${bson}, true)`),
  dropIndexes: statement('drop_indexes', `SELECT documentdb_api_internal.drop_indexes_non_concurrently($1::text, $2::${bson})`),
  create: statement('create', `SELECT documentdb_api.create_collection_view($1::text, $2::${bson})`),
};

/** `$1` the database, `$2` the collection, `$3` the command. Answers one document. */
export const collMod = statement('coll_mod', `SELECT documentdb_api.coll_mod($1::text, $2::text, $3::${bson})`);
/** `$1` the command alone. */
export const listDatabases = statement('list_databases', `SELECT documentdb_api.list_databases($1::${bson})`);
export const renameCollection = statement('rename_collection', `SELECT documentdb_api.rename_collection($1::${bson})`);
/** `$1` the database, `$2` the collection. */
export const drop = statement('drop', 'SELECT documentdb_api.drop_collection($1::text, $2::text)');
export const collStats = statement('coll_stats', 'SELECT documentdb_api.coll_stats($1::text, $2::text)');
/** `$1` the database. */
export const dropDatabase = statement('drop_database', 'SELECT documentdb_api.drop_database($1::text)');
export const dbStats = statement('db_stats', 'SELECT documentdb_api.db_stats($1::text)');

export const deleteExpired = statement('delete_expired', 'CALL documentdb_api_internal.delete_expired_rows()');

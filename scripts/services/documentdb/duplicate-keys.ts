import { type Document, deserialize } from 'bson';
import type { Columns, Statement } from './postgres-connection.js';

/** What mongod says of a duplicate: drivers and stores tell by it which index refused. */
export interface DuplicateKey {
  errmsg: string;
  keyPattern?: Document;
}

interface Index {
  name: string;
  key: Document;
}

const columns = '(i.index_spec).index_name, (i.index_spec).index_key';
const tables = 'documentdb_api_catalog.collection_indexes i JOIN documentdb_api_catalog.collections c USING (collection_id)';
const here = 'c.database_name = $1::text AND c.collection_name = $2::text';
const byName: Statement = {
  name: 'index_by_name',
  sql: `SELECT ${columns} FROM ${tables} WHERE ${here} AND (i.index_spec).index_name = $3::text`,
};
const byNumber: Statement = {
  name: 'index_by_number',
  sql: `SELECT ${columns} FROM ${tables} WHERE ${here} AND i.index_id::text = $3::text`,
};

/**
 * Words DocumentDB's duplicates as mongod's, with the index's name and key. What is known of an index is kept until a definition
 * changes; when it cannot be read, the message stays as it is and the code alone tells.
 */
export class DuplicateKeys {
  readonly #known = new Map<string, Index>();
  readonly #run: (statement: Statement, parameters: Buffer[]) => Promise<Columns>;

  constructor(run: (statement: Statement, parameters: Buffer[]) => Promise<Columns>) {
    this.#run = run;
  }

  forget(): void {
    this.#known.clear();
  }

  async describe(database: string, collection: string, message: string): Promise<DuplicateKey> {
    const name = /Index '([^']+)'/.exec(message)?.[1];
    const number = /documents_rum_index_(\d+)/.exec(message)?.[1];
    const index =
      name === '_id_'
        ? { name, key: { _id: 1 } }
        : name
          ? await this.#index(byName, database, collection, name)
          : number
            ? await this.#index(byNumber, database, collection, number)
            : undefined;
    if (!index) return { errmsg: message.startsWith('E11000') ? message : `E11000 duplicate key error: ${message}` };
    const key = Object.keys(index.key).map((field) => `${field}: ?`);
    return {
      errmsg: `E11000 duplicate key error collection: ${database}.${collection} index: ${index.name} dup key: { ${key.join(', ')} }`,
      keyPattern: index.key,
    };
  }

  async #index(statement: Statement, database: string, collection: string, which: string): Promise<Index | undefined> {
    const id = `${database}.${collection}/${statement.name}/${which}`;
    const known = this.#known.get(id);
    if (known) return known;
    const [name, key] = await this.#run(statement, [Buffer.from(database), Buffer.from(collection), Buffer.from(which)]);
    if (!name || !key) return undefined;
    const index = { name: name.toString(), key: deserialize(key) };
    if (this.#known.size >= 1000) this.#known.clear();
    this.#known.set(id, index);
    return index;
  }
}

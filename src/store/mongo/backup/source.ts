import { connectDurably } from '../durability.js';
import { reading } from '../faults.js';
import { knownHistory } from '../installation.js';
import { inReadingOrder } from './order.js';
import { walk } from './walk.js';

/** A store that is read for a backup, while it serves. Nothing is written to it. */
export interface BackupSource {
  /** Throws while the database is being migrated or restored. */
  state(): Promise<SourceState>;
  /** Names, in the order in which they are to be read. */
  collections(): Promise<string[]>;
  /** Documents as they are stored, each once; see `walk`. */
  documents(collection: string): AsyncIterable<Uint8Array>;
  /** Of each thread `_id` and, as far as its figures tell, the `last_seq` of its messages. */
  heads(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export interface SourceState {
  /** Null before any node of this release has been there. */
  history: string | null;
  /** The database's version: the number of its newest migration. */
  migration: number;
}

interface LedgerDocument {
  _id: string;
  version?: number;
}

/** Connects to read what is durable. Fault `unavailable` when no server can be found. */
export const openSource = async ({ url, database }: { url: string; database: string }): Promise<BackupSource> => {
  const client = await connectDurably(url, { serverSelectionTimeoutMS: 3_000, socketTimeoutMS: 60_000, maxPoolSize: 2 });
  const db = client.db(database);
  return {
    state: async () => {
      const history = await knownHistory(db);
      const ledger = await reading(() => db.collection<LedgerDocument>('migrations').find().toArray());
      if (ledger.some(({ _id }) => _id === 'lock')) throw new Error('the database is being migrated: try again when that is done');
      return { history, migration: Math.max(0, ...ledger.map(({ version }) => version ?? 0)) };
    },
    collections: async () => {
      const found = await reading(() => db.listCollections({}, { nameOnly: true }).toArray());
      return inReadingOrder(found.map(({ name }) => name));
    },
    documents: (collection) => walk(db.collection(collection)),
    heads: () => walk(db.collection('threads'), { last_seq: 1 }),
    close: () => client.close(),
  };
};

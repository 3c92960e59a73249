import { BSON, type Db, type Document } from 'mongodb';
import type { Clock } from '../../../kernel/clock.js';
import type { Logger } from '../../../kernel/logger.js';
import type { CollectionDefinition } from '../../collection.js';
import { indexesOf } from '../collection-indexes.js';
import { connectDurably } from '../durability.js';
import { MongoEpochs } from '../epochs.js';
import { reading, writing } from '../faults.js';
import { indexes } from '../indexes.js';
import { beginRestoring, endRestoring } from '../installation.js';
import { migrations } from '../migrations/list.js';
import { type Marked, markAll } from '../migrations/marking.js';
import { migrate } from '../migrations/migrate.js';
import { type Settled, settleThreads } from './settle.js';
import { buildUnique } from './unique.js';

/** The version of the database that this release works with. */
export const newestMigration = migrations.at(-1)?.version ?? 0;

export interface Restored extends Settled {
  /** The new name of the store's life. */
  history: string;
  /** In words, what had to be changed for two not to be the same. */
  changed: string[];
}

/** A store into which a backup is brought back. No node may run on it. */
export interface BackupTarget {
  /** Names of collections that hold something of people. Empty: nothing is lost by writing over all of it. */
  held(): Promise<string[]>;
  /**
   * Takes away everything but the witness of epochs. From here on nothing starts on the store until `finish` has come
   * to its end, whatever crashes.
   */
  begin(): Promise<void>;
  /** Writes the documents of a collection, as they were read. */
  load(collection: string, documents: AsyncIterable<Uint8Array>): Promise<void>;
  /** Migrates what is of an earlier release, makes indexes, and sets right what was read at different times. */
  finish(): Promise<Restored>;
  close(): Promise<void>;
}

export interface TargetOptions {
  url: string;
  database: string;
  clock: Clock;
  logger: Logger;
  /** Those that features state. */
  collections: readonly CollectionDefinition[];
}

/** Collections that a node makes at its first start, before anybody has come. */
const ownOf = new Set(['installation', 'migrations', 'epochs', 'progress']);
const most = { documents: 1_000, bytes: 4_000_000 };
/** Values keep the type that they had. */
const exactly = { promoteValues: false, promoteBuffers: false } as const;

/** Fault `unavailable` when no server can be found. */
export const openTarget = async ({ url, database, clock, logger, collections }: TargetOptions): Promise<BackupTarget> => {
  const client = await connectDurably(url, { serverSelectionTimeoutMS: 3_000, maxPoolSize: 2, retryWrites: false });
  const db = client.db(database);
  const epochs = new MongoEpochs(db, { maxTimeMS: 5_000 });
  return {
    held: async () => {
      const names = (await namesOf(db)).filter((name) => !ownOf.has(name));
      const found = await Promise.all(names.map((name) => reading(() => db.collection(name).findOne({}, { projection: { _id: 1 } }))));
      return names.filter((_, at) => found[at] !== null);
    },
    begin: async () => {
      await beginRestoring(db, clock);
      const names = (await namesOf(db)).filter((name) => name !== 'installation' && name !== 'epochs');
      for (const name of names) await writing(() => db.dropCollection(name));
    },
    load: (collection, documents) => load(db, epochs, collection, documents),
    finish: async () => {
      await migrate({ db, migrations, clock, logger });
      const changed: string[] = [];
      for (const [name, list] of Object.entries(indexes)) changed.push(...(await buildUnique(db, name, list)));
      for (const definition of collections) changed.push(...(await buildUnique(db, definition.name, indexesOf(definition))));
      // Notes that they are there.
      await migrate({ db, migrations, collections, clock, logger });
      // Nobody who owned something in either life before claims it under an epoch of this one.
      const epoch = await epochs.raise((await epochs.raise(0)) + 1);
      const settled = await settleThreads(db, { now: clock.now(), epoch });
      // Ledgers were read before threads: what a thread has told since is not in them.
      await markAll(db.collection<Marked>('threads'), {}, () => undefined);
      return { ...settled, changed, history: await endRestoring(db, clock) };
    },
    close: () => client.close(),
  };
};

const namesOf = async (db: Db): Promise<string[]> => {
  const found = await reading(() => db.listCollections({}, { nameOnly: true }).toArray());
  return found.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
};

/**
 * What of a document is brought back. Of migrations not who is at it, nor which indexes of stated collections there
 * were. Of how far consumers have come not when they looked through everything last: what they were told of since is
 * lost, so they look again.
 */
const isKept = (collection: string, { _id, swept_at }: Document): boolean => {
  if (collection === 'migrations') return _id !== 'lock' && !String(_id).startsWith('collection ');
  return collection !== 'progress' || swept_at === undefined;
};

const load = async (db: Db, epochs: MongoEpochs, name: string, documents: AsyncIterable<Uint8Array>): Promise<void> => {
  let some: Document[] = [];
  let bytes = 0;
  const write = async (): Promise<void> => {
    if (some.length > 0) await writing(() => db.collection(name).insertMany(some, { ordered: false }));
    some = [];
    bytes = 0;
  };
  for await (const raw of documents) {
    const document = BSON.deserialize(raw, exactly);
    // The higher one stays.
    if (name === 'epochs') await epochs.raise(Number(document.epoch));
    else if (isKept(name, document)) some.push(document);
    bytes += raw.length;
    if (some.length >= most.documents || bytes >= most.bytes) await write();
  }
  await write();
};

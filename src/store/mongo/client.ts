import { MongoClient } from 'mongodb';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { Collection, CollectionDefinition } from '../collection.js';
import { collectionsByName, demandStated } from '../collections/sound.js';
import type { Store } from '../contracts.js';
import { MongoCollection } from './collection.js';
import { MessageCommit } from './commit.js';
import { MongoCommunities } from './communities.js';
import { durabilityOf } from './durability.js';
import { MongoEpochs } from './epochs.js';
import { isStoreFailure, reading } from './faults.js';
import { historyOf, knownHistory } from './installation.js';
import { MongoLedgers } from './ledgers.js';
import { MongoMembers } from './members.js';
import { MongoMemberships } from './memberships.js';
import type { MessageDocument } from './message-document.js';
import { MongoMessages } from './messages.js';
import { migrations } from './migrations/list.js';
import { migrate } from './migrations/migrate.js';
import { MongoNotifications } from './notifications.js';
import { ping } from './ping.js';
import { MongoProgress } from './progress.js';
import { MongoReads } from './reads.js';
import { MongoSearch } from './search.js';
import { MongoSessions } from './sessions.js';
import { MongoThreads } from './threads.js';

/** All in milliseconds. */
export interface StoreTimeouts {
  /** Until a server must have been found, and until a connection of the pool must have come free. */
  select: number;
  /** Until an answer must have come; after it a write's outcome is unknown. */
  answer: number;
  /** After this the server gives a read up by itself. */
  read: number;
  /**
   * Between two looks at whether the server is there. One that falls silent is given up after `heartbeat` and `select` at the
   * latest, with what waits for it; one that is back is found within `select` and half a second.
   */
  heartbeat: number;
}

export interface StoreOptions {
  url: string;
  database: string;
  clock: Clock;
  telemetry: Telemetry;
  logger: Logger;
  timeouts?: Partial<StoreTimeouts>;
  /** Those that features state. */
  collections?: readonly CollectionDefinition[];
  /** Most connections of this process. */
  pool?: number;
}

export interface ConnectedStore {
  store: Store;
  /** How long the oldest write of messages without an answer has waited, in ms. */
  commitMs(): number;
  /** Waits for the writes of messages that are under way, then closes. Twice is harmless. */
  close(): Promise<void>;
}

const usual = { select: 3_000, answer: 6_000, read: 5_000, heartbeat: 2_000 } satisfies StoreTimeouts;

/**
 * Connects, migrates the database where that is due, and answers the store. Rejects with Fault `unavailable` when no server
 * can be found, with an Error when the database is newer than this code or holds half of a backup, or when a collection cannot
 * be what is stated.
 *
 * Writes are journalled, and acknowledged by a majority where the server is a replica set; there reads see only what a
 * majority has, so nothing that was read is rolled back. The driver repeats no write by itself: every write here is safe to repeat
 * by whoever knows what it means.
 */
export const connectStore = async (options: StoreOptions): Promise<ConnectedStore> => {
  const { url, database, clock, telemetry, logger, collections = [] } = options;
  const stated = collectionsByName(collections);
  const timeouts = { ...usual, ...options.timeouts };
  const { durable, history } = await prepare(options, timeouts);
  const client = new MongoClient(url, {
    ...connection(timeouts),
    ...durable,
    socketTimeoutMS: timeouts.answer,
    maxPoolSize: options.pool ?? 20,
  });
  await reading(() => client.connect());

  const db = client.db(database);
  const bound = { maxTimeMS: timeouts.read };
  const messages = db.collection<MessageDocument>('messages');
  const commit = new MessageCommit({ messages, bound, clock, telemetry, logger });
  const reads = new MongoReads(db, bound);
  const members = new MongoMembers(db, bound);
  const ledgers = new MongoLedgers(db, bound, logger);
  const kept = new Map(collections.map((definition) => [definition.name, new MongoCollection(db, definition, bound)]));
  const store: Store = {
    members,
    communities: new MongoCommunities(db, bound),
    memberships: new MongoMemberships(db, bound),
    threads: new MongoThreads(db, bound),
    messages: new MongoMessages(messages, commit, bound),
    reads,
    notifications: new MongoNotifications(db, bound),
    search: new MongoSearch(db, new MongoProgress(db, bound), clock, bound),
    sessions: new MongoSessions(db, bound),
    epochs: new MongoEpochs(db, bound),
    ledgers,
    history,
    collection: <D extends CollectionDefinition>(definition: D) => {
      demandStated(stated, definition);
      return kept.get(definition.name) as unknown as Collection<D>;
    },
    ping: () => ping(db, clock),
  };
  const close = async (): Promise<void> => {
    await Promise.all([commit.idle(), reads.idle(), members.idle(), ledgers.idle()]);
    await client.close();
  };
  return { store, commitMs: () => commit.waitMs(), close };
};

const connection = (timeouts: StoreTimeouts) => ({
  serverSelectionTimeoutMS: timeouts.select,
  connectTimeoutMS: timeouts.select,
  waitQueueTimeoutMS: timeouts.select,
  heartbeatFrequencyMS: timeouts.heartbeat,
  retryWrites: false,
  ignoreUndefined: true,
});

/**
 * Migrates, on a connection of its own that may wait for long; answers which durability the server can give, and the name of the
 * store's life.
 */
const prepare = async ({ url, database, clock, logger, collections = [] }: StoreOptions, timeouts: StoreTimeouts) => {
  const client = new MongoClient(url, { ...connection(timeouts), writeConcern: { w: 1, journal: true }, maxPoolSize: 2 });
  try {
    const durable = durabilityOf(await client.db('admin').command({ hello: 1 }));
    const db = client.db(database);
    // Before anything is written.
    await knownHistory(db);
    await migrate({ db, migrations, collections, clock, logger });
    return { durable, history: await historyOf(db, clock) };
  } catch (error) {
    throw isStoreFailure(error) ? new Fault('unavailable', 'The store is not available', {}, error) : error;
  } finally {
    await client.close();
  }
};

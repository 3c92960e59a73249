import { type Collection, type Db, ObjectId } from 'mongodb';
import type { Clock } from '../../../kernel/clock.js';
import type { Logger } from '../../../kernel/logger.js';
import type { CollectionDefinition } from '../../collection.js';
import { buildCollection, missingOf } from '../collection-indexes.js';
import { isDuplicate } from '../faults.js';
import type { Migration } from './migration.js';

/**
 * `_id` is a migration's number as text ("0001"), "lock" while someone is at it, or "collection NAME" with the indexes that
 * were made for one that a feature states: such a collection needs no number, since it stands upon no other step.
 */
interface LedgerDocument {
  _id: string;
  version?: number;
  name?: string;
  applied_at?: Date;
  indexes?: string[];
  holder?: ObjectId;
  until?: Date;
}

const leaseMs = 60_000;
const renewMs = 10_000;
const lookAgainMs = 200;
const longestWaitMs = 30 * 60_000;

/** Steers one run; the migrations are a parameter so that tests bring their own. */
export interface MigrationRun {
  db: Db;
  migrations: readonly Migration[];
  /** Stated by features: their indexes are built where they are missing, and none is dropped. */
  collections?: readonly CollectionDefinition[];
  clock: Clock;
  logger: Logger;
}

/**
 * Brings the database to this code's version. Several nodes may call it at once: one holds the lock and works, the others
 * wait until it is done. A holder that dies loses the lock after a minute, and the next begins the unfinished migration
 * again. Throws when the database is newer than this code.
 */
export const migrate = async (run: MigrationRun): Promise<void> => {
  const { db, migrations, collections = [], clock } = run;
  const ledger = db.collection<LedgerDocument>('migrations');
  const newest = migrations.at(-1)?.version ?? 0;
  const holder = new ObjectId();
  const giveUpAt = clock.monotonic() + longestWaitMs;
  while (!(await isUpToDate(ledger, newest)) || (await unbuilt(ledger, collections)).length > 0) {
    if (await lock(ledger, holder, clock)) {
      const lease = keep(ledger, holder, clock);
      try {
        await runMissing(run, ledger);
        await buildMissing(run, ledger);
      } finally {
        lease.cancel();
        await ledger.deleteOne({ _id: 'lock', holder });
      }
    } else {
      if (clock.monotonic() > giveUpAt) throw new Error('another node has been migrating the database for half an hour');
      await clock.sleep(lookAgainMs);
    }
  }
};

const isUpToDate = async (ledger: Collection<LedgerDocument>, newest: number): Promise<boolean> => {
  const version = Math.max(0, ...(await appliedVersions(ledger)));
  if (version > newest) throw new Error(`the database is at version ${version}, this code knows ${newest}: start a newer release`);
  return version === newest;
};

const appliedVersions = async (ledger: Collection<LedgerDocument>): Promise<number[]> =>
  (await ledger.find({ _id: { $ne: 'lock' } }).toArray()).map(({ version }) => version ?? 0);

const runMissing = async ({ db, migrations, clock, logger }: MigrationRun, ledger: Collection<LedgerDocument>): Promise<void> => {
  const applied = new Set(await appliedVersions(ledger));
  for (const { version, name, run } of migrations) {
    if (applied.has(version)) continue;
    logger.info({ version, name }, 'migrating the database');
    await run(db, (done, all) => logger.info({ version, name, done, all }, 'migrating the database: records brought along'));
    await ledger.updateOne(
      { _id: String(version).padStart(4, '0') },
      { $setOnInsert: { version, name, applied_at: new Date(clock.now()) } },
      { upsert: true },
    );
  }
};

const noteOf = ({ name }: CollectionDefinition): string => `collection ${name}`;

/** Those that have indexes of which nobody has noted that they were built. */
const unbuilt = async (
  ledger: Collection<LedgerDocument>,
  collections: readonly CollectionDefinition[],
): Promise<CollectionDefinition[]> => {
  if (collections.length === 0) return [];
  const notes = await ledger.find({ _id: { $in: collections.map(noteOf) } }).toArray();
  const built = new Map(notes.map(({ _id, indexes = [] }) => [_id, indexes]));
  return collections.filter((definition) => missingOf(definition, built.get(noteOf(definition))).length > 0);
};

/** Notes what it has built, beside what releases before or after this one have. */
const buildMissing = async ({ db, collections = [], logger }: MigrationRun, ledger: Collection<LedgerDocument>): Promise<void> => {
  for (const definition of await unbuilt(ledger, collections)) {
    logger.info({ collection: definition.name }, 'making the indexes of a collection');
    const indexes = await buildCollection(db, definition);
    await ledger.updateOne({ _id: noteOf(definition) }, { $addToSet: { indexes: { $each: indexes } } }, { upsert: true });
  }
};

/** Takes the lock when it is free or its lease has run out. */
const lock = async (ledger: Collection<LedgerDocument>, holder: ObjectId, clock: Clock): Promise<boolean> => {
  const now = clock.now();
  try {
    await ledger.updateOne(
      { _id: 'lock', until: { $lt: new Date(now) } },
      { $set: { holder, until: new Date(now + leaseMs) } },
      { upsert: true },
    );
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
};

const keep = (ledger: Collection<LedgerDocument>, holder: ObjectId, clock: Clock) =>
  clock.every(renewMs, () => {
    // A renewal that fails is made up for by the next; a migration that outlives its lease is repeated, which is harmless.
    ledger.updateOne({ _id: 'lock', holder }, { $set: { until: new Date(clock.now() + leaseMs) } }).catch(() => undefined);
  });

import type { Collection, Db } from 'mongodb';
import type { Clock } from '../../kernel/clock.js';
import { newId } from '../../kernel/ids.js';
import { upsertOnce } from './bulk.js';
import { reading, writing } from './faults.js';
import { date } from './fields.js';

/** `restoring_since`: what is stored is half of a backup, and nothing may run on it. */
interface InstallationDocument {
  _id: 'installation';
  history?: string;
  restoring_since?: Date;
}

const _id = 'installation';
const installation = (db: Db): Collection<InstallationDocument> => db.collection('installation');

/** The name of the store's life, if it has one by now. Throws for a store that holds half of a backup. */
export const knownHistory = async (db: Db): Promise<string | null> => {
  const found = await reading(() => installation(db).findOne({ _id }));
  if (found?.restoring_since) {
    throw new Error(
      `the database is being restored since ${found.restoring_since.toISOString()}, or that was cut off: nothing may run on it ` +
        'until npm run restore has come to its end (once more, with --replace)',
    );
  }
  return found?.history ?? null;
};

/**
 * The name of the store's life, 24 hex digits. Whoever finds none makes one; of those who do so at once one is first, and its name
 * is everybody's. Throws for a store that holds half of a backup.
 */
export const historyOf = async (db: Db, clock: Clock): Promise<string> => {
  const known = await knownHistory(db);
  if (known !== null) return known;
  await upsertOnce(() => installation(db).updateOne({ _id }, { $setOnInsert: { history: newId(clock.now()) } }, { upsert: true }));
  const made = await knownHistory(db);
  if (made === null) throw new Error('the store keeps no name of its life');
  return made;
};

/** From here on nothing starts on the store. Twice is harmless. */
export const beginRestoring = async (db: Db, clock: Clock): Promise<void> => {
  const began = { _id, restoring_since: date(clock.now()) } as const;
  await upsertOnce(() => installation(db).replaceOne({ _id }, began, { upsert: true }));
};

/** What is stored is whole: it begins a life of its own, under a new name. Answers that. */
export const endRestoring = async (db: Db, clock: Clock): Promise<string> => {
  const history = newId(clock.now());
  await writing(() => installation(db).replaceOne({ _id }, { history }, { upsert: true }));
  return history;
};

import {
  type AnyBulkWriteOperation,
  type Collection,
  type Document,
  MongoBulkWriteError,
  type OptionalUnlessRequiredId,
  type WithId,
} from 'mongodb';
import { isDuplicate, writing } from './faults.js';

/** So many operations go in one command: below every server's bound, small enough not to hold others up. */
const step = 1_000;

const duplicateKey = 11000;
/** Two writes stood in each other's way, and the server undid this one: nothing of it is stored. */
const writeConflict = 112;
/** A lost race is run again so often. */
const attempts = 4;

/** Positions that were refused, by why; throws on for any other failure, and when the write is not yet durable. */
const refusedIn = (error: unknown): { present: number[]; undone: number[] } => {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error;
  const failures = error.result.getWriteErrors();
  if (failures.length === 0) throw error;
  const at = (code: number): number[] => failures.filter((failure) => failure.code === code).map((failure) => failure.index);
  const refused = { present: at(duplicateKey), undone: at(writeConflict) };
  if (refused.present.length + refused.undone.length < failures.length) throw error;
  return refused;
};

/**
 * Inserts what is not there yet and answers what was new; what a unique index refuses is passed over. Fault `timeout` leaves
 * open which were stored; the same call again is harmless.
 */
export const insertMissing = async <D extends Document>(
  collection: Collection<D>,
  documents: readonly WithId<D>[],
): Promise<WithId<D>[]> => {
  const added: WithId<D>[] = [];
  for (let from = 0; from < documents.length; from += step) {
    let part = documents.slice(from, from + step);
    for (let attempt = 1; part.length > 0; attempt++) {
      const { present, undone } = await writing(async () => {
        try {
          await collection.insertMany(part as unknown as OptionalUnlessRequiredId<D>[], { ordered: false });
          return { present: [], undone: [] };
        } catch (error) {
          const refused = refusedIn(error);
          if (refused.undone.length > 0 && attempt === attempts) throw error;
          return refused;
        }
      });
      const not = new Set([...present, ...undone]);
      added.push(...part.filter((_, at) => !not.has(at)));
      part = undone.map((at) => part[at]!);
    }
  }
  return added;
};

/**
 * Runs upserts that may meet another node's: one that lost the race to insert finds the document the second time, one that
 * was undone for another's sake runs again. The operations must be harmless when repeated.
 */
export const upsertAll = async <D extends Document>(
  collection: Collection<D>,
  operations: readonly AnyBulkWriteOperation<D>[],
): Promise<void> => {
  for (let from = 0; from < operations.length; from += step) {
    let part = operations.slice(from, from + step);
    for (let attempt = 1; part.length > 0; attempt++) {
      const refused = await writing(async () => {
        try {
          await collection.bulkWrite(part, { ordered: false });
          return [];
        } catch (error) {
          if (attempt === attempts) throw error;
          const { present, undone } = refusedIn(error);
          return [...present, ...undone];
        }
      });
      part = refused.map((at) => part[at]!);
    }
  }
};

/** The same for one upsert. */
export const upsertOnce = async <T>(run: () => Promise<T>): Promise<T> => {
  for (let attempt = 0; ; attempt++) {
    try {
      return await writing(run);
    } catch (error) {
      if (!isDuplicate(error) || attempt === 3) throw error;
    }
  }
};

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

/** Positions that a unique index refused; throws on for any other failure, and when the write is not yet durable. */
const refusedIn = (error: unknown): number[] => {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error;
  const failures = error.result.getWriteErrors();
  if (failures.length === 0 || failures.some((failure) => failure.code !== 11000)) throw error;
  return failures.map((failure) => failure.index);
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
    const part = documents.slice(from, from + step);
    const refused = new Set(
      await writing(async () => {
        try {
          await collection.insertMany(part as unknown as OptionalUnlessRequiredId<D>[], { ordered: false });
          return [];
        } catch (error) {
          return refusedIn(error);
        }
      }),
    );
    added.push(...part.filter((_, at) => !refused.has(at)));
  }
  return added;
};

/**
 * Runs upserts that may meet another node's: one that lost the race to insert finds the document the second time. The
 * operations must be harmless when repeated.
 */
export const upsertAll = async <D extends Document>(
  collection: Collection<D>,
  operations: readonly AnyBulkWriteOperation<D>[],
): Promise<void> => {
  for (let from = 0; from < operations.length; from += step) {
    let part = operations.slice(from, from + step);
    for (let attempt = 0; part.length > 0; attempt++) {
      const refused = await writing(async () => {
        try {
          await collection.bulkWrite(part, { ordered: false });
          return [];
        } catch (error) {
          if (attempt === 3) throw error;
          return refusedIn(error);
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

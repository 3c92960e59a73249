import type { Collection } from 'mongodb';

const indexNotFound = new Set([26, 27]);

/** Drops an index; one that is not there is no failure. */
export const dropIndex = async (collection: Collection, name: string): Promise<void> => {
  try {
    await collection.dropIndex(name);
  } catch (error) {
    if (!indexNotFound.has((error as { code?: number }).code ?? 0)) throw error;
  }
};

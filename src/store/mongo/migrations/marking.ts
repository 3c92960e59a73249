import { type Collection, type Document, ObjectId } from 'mongodb';

/** So many documents are marked by one command. */
const step = 2_000;

export interface Marked {
  _id: ObjectId;
  untold?: ObjectId;
}

/** Marks those of a collection untold, in steps by id; again is harmless. */
export const markAll = async (collection: Collection<Marked>, which: Document, marked: (count: number) => void): Promise<void> => {
  for (let after: ObjectId | undefined; ; ) {
    const some = await collection
      .find(after ? { _id: { $gt: after } } : {}, { projection: { _id: 1 }, batchSize: step + 1 })
      .sort({ _id: 1 })
      .limit(step)
      .toArray();
    const last = some.at(-1)?._id;
    if (last === undefined) return;
    const range = after ? { $gt: after, $lte: last } : { $lte: last };
    await collection.updateMany({ _id: range, ...which }, { $set: { untold: new ObjectId() } });
    marked(some.length);
    after = last;
  }
};

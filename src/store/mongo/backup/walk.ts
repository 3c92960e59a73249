import { BSON, type Collection, type Document, ObjectId } from 'mongodb';

/**
 * The lowest `_id` of each type that one may have. `$gt` finds what is of the same type alone, so each type is walked by itself.
 */
const lowest: Readonly<Record<string, unknown>> = {
  number: Number.NEGATIVE_INFINITY,
  string: '',
  object: {},
  binData: new BSON.Binary(new Uint8Array(0)),
  objectId: ObjectId.createFromHexString('0'.repeat(24)),
  bool: false,
  date: new Date(-8_640_000_000_000_000),
};

const atOnce = 1_000;
/** Values keep the type that they have in the store: an integer is not the number of the same value. */
const exactly = { promoteValues: false } as const;

/**
 * All documents of a collection by `_id`, as the server sends them. What is there all the while comes exactly once, whatever is
 * inserted, changed or removed meanwhile: `_id` never changes. In memory is one reply of the server, 16 MB at most. Nothing is held open
 * between pages. Rejects when the store does not answer, and where an `_id` is of a type that is not walked.
 */
export async function* walk(collection: Collection, projection?: Document): AsyncGenerator<Uint8Array> {
  for (const from of Object.values(lowest)) {
    let filter: Document = { _id: { $gte: from } };
    for (;;) {
      let count = 0;
      let last: Uint8Array | undefined;
      const page = collection.find(filter, { raw: true, sort: { _id: 1 }, limit: atOnce, batchSize: atOnce + 1, projection });
      for await (const document of page as unknown as AsyncIterable<Uint8Array>) {
        count++;
        last = document;
        yield document;
      }
      if (!last || count < atOnce) break;
      filter = { _id: { $gt: BSON.deserialize(last, exactly)._id } };
    }
  }
  const odd = await collection.findOne({ _id: { $not: { $type: Object.keys(lowest) } } } as Document, { projection: { _id: 1 } });
  if (odd) throw new Error(`the collection ${collection.collectionName} has an _id of a type that a backup does not know`);
}

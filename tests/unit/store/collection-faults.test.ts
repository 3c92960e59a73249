import { describe, expect, test } from '@jest/globals';
import { type Db, MongoNetworkError, MongoServerError, MongoServerSelectionError, type TopologyDescription } from 'mongodb';
import { newId } from '../../../src/kernel/ids.js';
import { MongoCollection } from '../../../src/store/mongo/collection.js';
import { labels } from '../../conformance/store/stated.js';

const record = { text: newId(1), made_at: null };

/** A server that answers each insert by failing, and each look with what is there. */
const over = (failure: Error, there: object | null = null) => {
  const calls: string[] = [];
  const driver = {
    insertOne: async () => {
      calls.push('insert');
      throw failure;
    },
    findOneAndUpdate: async () => Promise.reject(failure),
    deleteOne: async () => Promise.reject(failure),
    findOne: async () => {
      calls.push('look');
      return there;
    },
  };
  return { calls, collection: new MongoCollection({ collection: () => driver } as unknown as Db, labels, { maxTimeMS: 1 }) };
};

describe('a stated collection in MongoDB', () => {
  test('says of a write without an answer that its outcome is unknown, and of one that was not sent that nothing was written', async () => {
    const cut = over(new MongoNetworkError('connection closed'));
    const away = over(new MongoServerSelectionError('no server', { servers: new Map() } as unknown as TopologyDescription));
    for (const [{ collection, calls }, code] of [[cut, 'timeout'] as const, [away, 'unavailable'] as const]) {
      await expect(collection.insert(record)).rejects.toMatchObject({ code });
      await expect(collection.update(record.text, { made_at: 1 })).rejects.toMatchObject({ code });
      await expect(collection.remove(record.text)).rejects.toMatchObject({ code });
      expect(calls).toEqual(['insert']);
    }
  });

  test('looks for who was in the way, and tries again when nobody is there any more', async () => {
    const duplicate = new MongoServerError({ message: 'E11000', code: 11000 });
    const same = over(duplicate, { _id: record.text });
    expect(await same.collection.insert(record)).toBe('stored');
    const other = over(duplicate, { _id: record.text, made_at: new Date(5) });
    expect(await other.collection.insert(record)).toEqual({ taken: 'key' });
    const gone = over(duplicate);
    await expect(gone.collection.insert(record)).rejects.toMatchObject({ code: 'timeout' });
    expect(gone.calls.filter((call) => call === 'insert')).toHaveLength(4);
  });

  test('a document that does not fit is a defect of the one call', async () => {
    const { collection } = over(new Error('not asked'), { _id: record.text, made_at: new Date(-5) });
    await expect(collection.byKey(record.text)).rejects.toThrow('made_at');
  });
});

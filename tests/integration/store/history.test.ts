import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Db, MongoClient } from 'mongodb';
import { systemClock } from '../../../src/kernel/clock.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { connectStore } from '../../../src/store/mongo/client.js';
import { beginRestoring, endRestoring } from '../../../src/store/mongo/installation.js';
import { dropDatabase, randomDatabase, silent, mongoUrl as url } from '../../conformance/store/backends.js';

describe("the name of a store's life", () => {
  let client: MongoClient;
  let db: Db;
  const open = async (): Promise<string> => {
    const { store, close } = await connectStore({
      ...{ url, database: db.databaseName, clock: systemClock, telemetry: new Telemetry(), logger: silent },
    });
    await close();
    return store.history;
  };
  beforeEach(async () => {
    client = await new MongoClient(url).connect();
    db = client.db(randomDatabase());
  });
  afterEach(async () => {
    await client.close();
    await dropDatabase(url, db.databaseName);
  });

  test('is the same for all who find none at once, and for all who come later', async () => {
    const names = await Promise.all([open(), open(), open()]);
    expect(new Set(names).size).toBe(1);
    expect(names[0]).toMatch(/^[0-9a-f]{24}$/);
    expect(await open()).toBe(names[0]);
    expect(await db.collection('installation').countDocuments()).toBe(1);
  });

  test('nothing starts on half of a backup, and what is whole has another name', async () => {
    const before = await open();
    await beginRestoring(db, systemClock);
    await beginRestoring(db, systemClock);
    await expect(open()).rejects.toThrow('nothing may run on it until npm run restore has come to its end');
    const after = await endRestoring(db, systemClock);
    expect(after).not.toBe(before);
    expect(await open()).toBe(after);
  });

  test('a half-restored store is left as it is: nothing is migrated', async () => {
    await beginRestoring(db, systemClock);
    await expect(open()).rejects.toThrow('being restored');
    expect((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)).toEqual(['installation']);
  });
});

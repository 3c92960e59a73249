import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { pino } from 'pino';
import { type Clock, systemClock } from '../../../src/kernel/clock.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { connectStore } from '../../../src/store/mongo/client.js';
import { testMongodbUrl } from '../../services-env.js';
import { statedCollections } from './stated.js';

export interface OpenStore {
  store: Store;
  clock: Clock;
  close(): Promise<void>;
}

export interface Backend {
  name: string;
  open(): Promise<OpenStore>;
}

export const mongoUrl = testMongodbUrl();
export const randomDatabase = (): string => `parley_test_${randomBytes(8).toString('hex')}`;
export const silent = pino({ level: 'silent' });

export const dropDatabase = async (url: string, database: string): Promise<void> => {
  const client = new MongoClient(url);
  try {
    await client.db(database).dropDatabase();
  } finally {
    await client.close();
  }
};

const memory: Backend = {
  name: 'memory',
  async open() {
    const store = createMemoryStore({ clock: systemClock, collections: statedCollections });
    return { store, clock: systemClock, close: async () => undefined };
  },
};

const mongo = (url: string): Backend => ({
  name: 'mongo',
  async open() {
    const database = randomDatabase();
    const { store, close } = await connectStore({
      url,
      database,
      clock: systemClock,
      telemetry: new Telemetry(),
      logger: silent,
      collections: statedCollections,
    });
    return {
      store,
      clock: systemClock,
      async close() {
        await close();
        await dropDatabase(url, database);
      },
    };
  },
});

export const backends: Backend[] = [memory, mongo(mongoUrl)];

import { type Document, MongoClient, type MongoClientOptions } from 'mongodb';
import { reading } from './faults.js';

/** With which durability a server can write, and read what is so durable, by its answer to `hello`. */
export const durabilityOf = (hello: Document) => {
  const isReplicated = hello.setName !== undefined || hello.msg === 'isdbgrid';
  return isReplicated
    ? { writeConcern: { w: 'majority' as const, journal: true }, readConcern: { level: 'majority' as const } }
    : { writeConcern: { w: 1, journal: true } };
};

/** Connects to write, and read, as durably as the server can. Fault `unavailable` when no server can be found. */
export const connectDurably = async (url: string, options: MongoClientOptions): Promise<MongoClient> =>
  reading(async () => {
    const asked = await MongoClient.connect(url, options);
    const hello = await asked
      .db('admin')
      .command({ hello: 1 })
      .finally(() => asked.close());
    return MongoClient.connect(url, { ...options, ...durabilityOf(hello) });
  });

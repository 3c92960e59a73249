import { MongoClient } from 'mongodb';
import type { BenchServices } from './bench-services.js';

const pollMs = 500;

/** Waits, at most `ms`, until so many messages of a database are in its search index. Answers how many are. */
export const untilIndexed = async (services: BenchServices, database: string, wanted: number, ms: number): Promise<number> => {
  const client = await new MongoClient(services.mongoUrl).connect();
  try {
    for (const until = performance.now() + ms; ; await new Promise((resolve) => setTimeout(resolve, pollMs))) {
      const indexed = await client.db(database).collection('search').countDocuments({ kind: 'message' });
      if (indexed >= wanted || performance.now() >= until) return indexed;
    }
  } finally {
    await client.close();
  }
};

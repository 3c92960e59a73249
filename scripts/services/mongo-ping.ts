import { MongoClient } from 'mongodb';

/** Fails with the driver's reason when nothing that speaks MongoDB's protocol answers there. */
export const pingMongo = async (url: string, timeoutMs = 3000): Promise<void> => {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: timeoutMs, connectTimeoutMS: timeoutMs, maxPoolSize: 1 });
  try {
    await client.connect();
    await client.db('admin').command({ ping: 1 });
  } finally {
    await client.close();
  }
};

export const answers = (url: string): Promise<boolean> =>
  pingMongo(url, 1000).then(
    () => true,
    () => false,
  );

/** Bare BullMQ: a job for each message, which puts it into a search index like ours. */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/kernel/clock.js';
import { newId } from '../../src/kernel/ids.js';
import { createLogger } from '../../src/kernel/logger.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import type { SearchRecord } from '../../src/store/contracts.js';
import { connectStore } from '../../src/store/mongo/client.js';
import { contentOf } from '../load/content.js';
import { answerCalls } from '../processes/calls.js';

export interface BareJobsOrder {
  redisUrl: string;
  mongoUrl: string;
  /** A database and a prefix of keys that nobody has used. */
  name: string;
  jobs: number;
  /** They come so many a second, for so long, and what is done by then counts; as fast as they are taken when absent, and all count. */
  pace?: { perSecond: number; seconds: number };
  /** Jobs worked off at once. */
  atOnce: number;
}

const addedAtOnce = 500;

/** Jobs a second, from the first that is added to the last that is done, or to the end of their time. */
const run = async ({ redisUrl, mongoUrl, name, jobs, pace, atOnce }: BareJobsOrder): Promise<number> => {
  const logger = createLogger({ level: 'warn', node: 'bench' });
  const { store, close } = await connectStore({ url: mongoUrl, database: name, clock: systemClock, telemetry: new Telemetry(), logger });
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const options = { connection, prefix: `${name}:jobs` };
  const queue = new Queue<SearchRecord>('search', options);
  let done = 0;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const worker = new Worker<SearchRecord>('search', (job) => store.search.index([job.data]), { ...options, concurrency: atOnce });
  worker.on('completed', () => {
    if (++done === jobs) finish();
  });
  await worker.waitUntilReady();
  const begin = performance.now();
  const [community_id, thread_id, author] = [newId(Date.now()), newId(Date.now()), newId(Date.now())];
  const until = pace ? begin + pace.seconds * 1000 : Number.POSITIVE_INFINITY;
  const sleepUntil = (at: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(at, until) - performance.now())));
  for (let from = 0; from < jobs && performance.now() < until; from += addedAtOnce) {
    if (pace) await sleepUntil(begin + (from / pace.perSecond) * 1000);
    const part = Array.from({ length: Math.min(addedAtOnce, jobs - from) }, (_, i): SearchRecord => {
      const seq = from + i + 1;
      const place = { id: newId(Date.now()), scope: community_id, kind: 'message' as const, community_id, thread_id, author };
      return { ...place, created_at: Date.now(), seq, rev: seq, text: contentOf(1, seq, 0) };
    });
    await queue.addBulk(part.map((data) => ({ name: 'index', data, opts: { removeOnComplete: true } })));
  }
  await (pace ? Promise.race([finished, sleepUntil(until)]) : finished);
  const perSecond = done / ((performance.now() - begin) / 1000);
  await worker.close(pace !== undefined);
  await queue.close();
  connection.disconnect();
  await close();
  return perSecond;
};

answerCalls({ run });

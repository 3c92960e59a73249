/** Thread actors on the real store, in a process of their own, as on a node that has owned its slots for long. */

import { domainKinds } from '../../src/actors/domain/kinds.js';
import type { Fanout, Nudge } from '../../src/actors/domain/ports.js';
import type { GetHead } from '../../src/actors/domain/thread/messages.js';
import { LocalActorSystem } from '../../src/actors/runtime/local-system.js';
import { systemClock } from '../../src/kernel/clock.js';
import { createLogger } from '../../src/kernel/logger.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import { connectStore } from '../../src/store/mongo/client.js';
import { memoryOf } from '../measure/process-usage.js';
import { answerCalls } from '../processes/calls.js';
import type { ColdThread } from './cold-threads.js';
import { connections, type WakeUp, wakeUp } from './wake-up.js';

export interface ActivationOrder {
  mongoUrl: string;
  database: string;
  /** Woken before, so that what is measured is not the beginning of a process. */
  warmUp: readonly ColdThread[];
  threads: readonly ColdThread[];
}

export interface ActivationTake extends WakeUp {
  /** Bytes an idle actor more: in V8's heap and its buffers, and in memory as the system sees it. */
  heapEach: number;
  rssEach: number;
  /** Actors that live at the end. */
  living: number;
}

const nothing = (): void => undefined;
const fanout: Fanout = { publish: nothing, reached: nothing, evict: nothing, recheck: nothing, close: nothing };
const nudge: Nudge = { changed: nothing, deleted: nothing };
const ownedSince = -3_600_000;

const take = async ({ mongoUrl, database, warmUp, threads }: ActivationOrder): Promise<ActivationTake> => {
  const common = { clock: systemClock, logger: createLogger({ level: 'warn', node: 'bench' }), telemetry: new Telemetry() };
  const { store, close } = await connectStore({ url: mongoUrl, database, ...common, pool: connections });
  const system = new LocalActorSystem({
    ...common,
    kinds: domainKinds({ store, fanout, nudge }),
    claimOf: () => ({ epoch: 1, since: ownedSince }),
  });
  const look = (key: string) => system.ask<GetHead>({ kind: 'thread', key }, { type: 'head' });
  const first = await wakeUp(warmUp, look);
  const before = await memory();
  const found = await wakeUp(threads, look);
  const after = await memory();
  const living = system.catalog.size;
  await system.stop();
  await close();
  const each = (key: 'heap' | 'rss'): number => (after[key] - before[key]) / threads.length;
  return { ...found, wrong: found.wrong + first.wrong, heapEach: each('heap'), rssEach: each('rss'), living };
};

/** What is still held after everything else was collected. */
const memory = async (): Promise<{ heap: number; rss: number }> => {
  if (!global.gc) throw new Error('needs --expose-gc');
  for (let i = 0; i < 3; i++) {
    global.gc();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed + external, rss: memoryOf(process.pid)?.rss ?? Number.NaN };
};

answerCalls({ take });

import type { ActivationOrder, ActivationTake } from '../actors/activation-process.js';
import { type ColdThread, writeColdThreads } from '../actors/cold-threads.js';
import type { RawReadsOrder } from '../actors/raw-reads-process.js';
import { connections, type WakeUp, wakingAtOnce } from '../actors/wake-up.js';
import { pin } from '../measure/cores.js';
import { Child } from '../processes/child.js';
import { Comparison, type Take } from '../suite/comparison.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';

const activating = new URL('../actors/activation-process.ts', import.meta.url);
const reading = new URL('../actors/raw-reads-process.ts', import.meta.url);
const messages = 50;

/** 6: threads that nobody has open come to life, and what one takes in memory when it rests. */
export const activation: Workload = {
  id: 6,
  name: 'activation of cold threads',
  steps: 4,
  needs: {},
  mostMinutes: 10,
  async run(stage: Stage): Promise<Row[]> {
    const count = stage.pick(10_000, 200);
    const warmUpCount = stage.pick(1_000, 50);
    const { mongoUrl } = stage.services;
    const database = stage.services.freshName();

    stage.step(`${count + warmUpCount} threads of ${messages} messages are written`);
    const all = await writeColdThreads(mongoUrl, database, count + warmUpCount, messages);
    const order = { mongoUrl, database, warmUp: all.slice(0, warmUpCount), threads: all.slice(warmUpCount) };

    let takes = 0;
    const comparison = await Comparison.run(
      async () => {
        stage.step(takes++ === 0 ? 'the driver alone' : 'the driver alone again');
        await stage.untilQuiet();
        return rawReads({ ...order, messages });
      },
      async () => {
        stage.step('Parley');
        await stage.untilQuiet();
        return activations(order);
      },
    );

    const { violations } = comparison;
    const rate = comparison.of('perSecond');
    const heap = comparison.of('heapEach');
    const rss = comparison.of('rssEach').figure;
    const sides = `${wakingAtOnce} at once over ${connections} connections; peer: findOne of the thread, find of its newest ${messages} messages`;
    return [
      rowOf({
        id: 6,
        name: `${count} cold threads of ${messages} messages`,
        unit: 'actors/s',
        ...{ figure: rate.figure, peer: rate.peer, violations },
        goal: { atLeast: 0.5 },
        notes: [sides, ...comparison.notes, rate.spread, ...stage.noises],
      }),
      rowOf({
        id: 6,
        name: `memory of an idle thread with ${messages} messages`,
        unit: 'bytes',
        ...{ figure: heap.figure, peer: null, violations },
        notes: ['heap and buffers after a collection', rss === null ? '' : `${Math.round(rss)} bytes as the system sees it`],
      }),
    ];
  },
};

const wrongHeads = (wrong: number): string[] => (wrong > 0 ? [`${wrong} heads are not what was stored`] : []);

const rawReads = async (order: RawReadsOrder): Promise<Take> => {
  const child = Child.start(reading, 'raw reads');
  try {
    await pin(child.pid, 'server');
    const { perSecond, wrong } = await child.call<WakeUp>('take', order);
    return { figures: { perSecond }, violations: wrongHeads(wrong) };
  } finally {
    await child.end();
  }
};

const activations = async (order: ActivationOrder): Promise<Take> => {
  const child = Child.start(activating, 'activations', { nodeArguments: ['--expose-gc'] });
  try {
    await pin(child.pid, 'server');
    const { perSecond, heapEach, rssEach, wrong, living } = await child.call<ActivationTake>('take', order);
    const expected: readonly ColdThread[] = [...order.warmUp, ...order.threads];
    const lacking = living === expected.length ? [] : [`${expected.length} actors were woken, ${living} live`];
    return { figures: { perSecond, heapEach, rssEach }, violations: [...wrongHeads(wrong), ...lacking] };
  } finally {
    await child.end();
  }
};

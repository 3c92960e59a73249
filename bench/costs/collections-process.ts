/** How often the old heap is collected under the same garbage, with what a node decides about its growth. Needs --heap-growing-percent. */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { FakeClock } from '../../src/kernel/clock.js';
import { heapRoom } from '../../src/roles/heap-room.js';
import { answerCalls } from '../processes/calls.js';

/** Objects that are kept, the oldest of which goes when one comes: all outlive the young generation. */
const kept = 200_000;
const made = 2_000_000;
const inTurn = 20_000;

/** Answers the collections of the old heap; `grows`: more members come in all the time. */
const churn = async (grows: boolean): Promise<number> => {
  const clock = new FakeClock();
  let population = 0;
  const part = heapRoom({ population: () => population, clock });
  await part.start?.();
  let collections = 0;
  const observer = new PerformanceObserver((entries) => {
    for (const { detail } of entries.getEntries() as { detail?: { kind?: number } }[]) {
      if (detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections += 1;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  const ring = new Array<object>(kept);
  for (let i = 0; i < made; i++) {
    ring[i % kept] = { i, pair: [i, { i }] };
    if (i % inTurn > 0) continue;
    if (grows) population += 1_000;
    await clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  observer.disconnect();
  await part.stop?.();
  return collections;
};

answerCalls({ churn });

import { getHeapStatistics } from 'node:v8';
import type { Catalog } from '../actors/runtime/catalog.js';
import type { Clock } from '../kernel/clock.js';
import type { Part } from '../kernel/lifecycle.js';
import type { Logger } from '../kernel/logger.js';

const lookMs = 2_000;
/** Of the heap that V8 may have. */
const tooFull = 0.8;

/** Passivates the quarter of the actors that was idle longest, again and again, while the heap is nearly full. */
export const memoryPressure = (
  catalog: Pick<Catalog, 'size' | 'relieve'>,
  clock: Clock,
  logger: Logger,
  heap: () => { used_heap_size: number; heap_size_limit: number } = getHeapStatistics,
): Part => {
  const look = (): void => {
    const { used_heap_size, heap_size_limit } = heap();
    if (used_heap_size < tooFull * heap_size_limit || catalog.size === 0) return;
    const ended = catalog.relieve(Math.ceil(catalog.size / 4));
    logger.warn({ ended, used_heap_size, heap_size_limit }, 'the heap is nearly full: actors were passivated');
  };
  let timer: ReturnType<Clock['every']> | undefined;
  return {
    name: 'memory pressure',
    start: () => {
      timer ??= clock.every(lookMs, look);
    },
    stop: () => {
      timer?.cancel();
      timer = undefined;
    },
  };
};

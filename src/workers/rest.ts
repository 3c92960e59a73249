import { performance } from 'node:perf_hooks';

/** Below this share of the event loop the workers are in nobody's way. */
const calm = 0.5;
const usual = 1;
const longest = 3;

/** How many times as long as it worked a worker rests, by the share of time (0 to 1) that the event loop was at work. */
export const restFor = (utilization: number): number =>
  usual + (Math.max(0, Math.min(1, utilization) - calm) / (1 - calm)) * (longest - usual);

/**
 * For workers that share their process with sockets: each call answers the rest by how busy the process was since the one before.
 * What is put off is not lost: it waits in the queue, and in the store for the sweep.
 */
export const restByLoad = (): (() => number) => {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return restFor(utilization);
  };
};

import { performance } from 'node:perf_hooks';

/** Below this share of the event loop the workers are in nobody's way. */
const calm = 0.5;
const usual = 1;
/** While what it works off is younger than `patienceMs`, and less the longer it has waited. */
const longest = 9;
const patienceMs = 10_000;

/**
 * How many times as long as it worked a worker rests, by the share of time (0 to 1) that the event loop was at work and the age of
 * what it worked off: a crowd's first seconds belong to its messages, and a crowd that stays must not leave the index behind.
 */
export const restFor = (utilization: number, ageMs: number): number => {
  const most = Math.max(usual, longest * Math.min(1, patienceMs / Math.max(1, ageMs)));
  return usual + (Math.max(0, Math.min(1, utilization) - calm) / (1 - calm)) * (most - usual);
};

/**
 * For workers that share their process with sockets: each call answers the rest by how busy the process was since the one before.
 * What is put off is not lost: it waits in the queue, and in the store for the sweep.
 */
export const restByLoad = (): ((ageMs: number) => number) => {
  let before = performance.eventLoopUtilization();
  return (ageMs) => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return restFor(utilization, ageMs);
  };
};

import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 20;

/** The event loop's mean delay since it was last asked for, in ms. */
export const watchLoopDelay = (): { read(): number; stop(): void } => {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return {
    read: () => {
      const { count, mean } = histogram;
      histogram.reset();
      // What is measured is the time between two samples.
      return count === 0 ? 0 : Math.max(0, mean / 1e6 - resolutionMs);
    },
    stop: () => void histogram.disable(),
  };
};

import cliProgress from 'cli-progress';

/** Shows how many seeds are done: a bar on a terminal, elsewhere a line every ten seconds. */
export interface SeedProgress {
  done(passed: number, failed: number): void;
  stop(): void;
}

const everyMs = 10_000;

export const showSeeds = (total: number, log: (line: string) => void): SeedProgress => {
  const begun = performance.now();
  const speed = (seeds: number): string => (seeds / Math.max(0.001, (performance.now() - begun) / 1_000)).toFixed(1);
  if (process.stderr.isTTY) {
    const bar = new cliProgress.SingleBar({
      format: '{bar} {percentage} %  {value}/{total} seeds  {speed} seeds/s  {failed} failed',
      hideCursor: true,
      fps: 5,
      clearOnComplete: false,
      gracefulExit: false,
    });
    bar.start(total, 0, { speed: speed(0), failed: 0 });
    return {
      done: (passed, failed) => bar.update(passed + failed, { speed: speed(passed + failed), failed }),
      stop: () => bar.stop(),
    };
  }
  let last = begun;
  return {
    done: (passed, failed) => {
      if (performance.now() - last < everyMs) return;
      last = performance.now();
      log(`${passed + failed} of ${total} seeds  ${speed(passed + failed)} seeds/s  ${failed} failed`);
    },
    stop: () => undefined,
  };
};

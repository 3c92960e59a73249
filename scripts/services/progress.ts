import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  at(done: number): void;
  end(): void;
}

/** A long step: a live bar on a terminal, otherwise a line every few seconds. */
export const showProgress = (title: string, total: number, log: (line: string) => void): Progress => {
  if (process.stdout.isTTY) {
    const bar = new SingleBar({ format: `${title} {bar} {percentage}% | {duration_formatted}`, hideCursor: true }, Presets.shades_classic);
    bar.start(total, 0);
    return { at: (done) => bar.update(Math.min(done, total)), end: () => bar.stop() };
  }
  const every = 5000;
  let next = performance.now() + every;
  log(`${title} …`);
  return {
    at(done) {
      if (performance.now() < next) return;
      next = performance.now() + every;
      log(`${title} … ${Math.min(99, Math.round((100 * done) / total))} %`);
    },
    end() {},
  };
};

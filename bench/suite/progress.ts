import cliProgress from 'cli-progress';

/** How far the suite is: a bar on a terminal, elsewhere a line a step. */
export interface Progress {
  step(label: string): void;
  /** What the step does now. */
  tell(label: string): void;
  log(line: string): void;
  stop(): void;
}

const bar = (total: number): Progress => {
  const single = new cliProgress.SingleBar({
    format: '{bar} {value}/{total}  {duration_formatted}  {label}',
    hideCursor: true,
    fps: 5,
    clearOnComplete: true,
    gracefulExit: false,
    // The clock goes on while nothing else does.
    forceRedraw: true,
  });
  single.start(total, 0, { label: '' });
  const timer = setInterval(() => single.updateETA(), 1_000);
  let done = 0;
  return {
    step: (label) => single.update(Math.min(total, done++), { label }),
    tell: (label) => single.update({ label }),
    log: (line) => process.stderr.write(`\r\x1b[K${line}\n`),
    stop: () => {
      clearInterval(timer);
      single.stop();
    },
  };
};

const lines = (total: number): Progress => {
  const begun = performance.now();
  let done = 0;
  const show = (label: string): void =>
    console.error(`${String(done).padStart(3)}/${total}  ${Math.round((performance.now() - begun) / 1000)} s  ${label}`);
  return {
    step: (label) => {
      done += 1;
      show(label);
    },
    tell: show,
    log: (line) => console.error(line),
    stop: () => undefined,
  };
};

export const showProgress = (total: number): Progress => (process.stderr.isTTY ? bar(total) : lines(total));

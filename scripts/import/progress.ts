import cliProgress from 'cli-progress';

export interface Shown {
  bytes: number;
  lines: number;
  rejected: number;
}

/** Shows how far it is: a bar on a terminal, elsewhere a line every five seconds. */
export interface Progress {
  update(shown: Shown): void;
  stop(): void;
}

const perSecond = (lines: number, since: number): string => String(Math.round(lines / Math.max(0.001, (performance.now() - since) / 1000)));

const bar = (bytes: number): Progress => {
  const begun = performance.now();
  const single = new cliProgress.SingleBar({
    format: '{bar} {percentage} %  {lines} lines  {speed} lines/s  {rejected} rejected',
    hideCursor: true,
    fps: 5,
    clearOnComplete: false,
    gracefulExit: false,
  });
  const payload = ({ lines, rejected }: Omit<Shown, 'bytes'>) => ({ lines, rejected, speed: perSecond(lines, begun) });
  single.start(Math.max(1, bytes), 0, payload({ lines: 0, rejected: 0 }));
  return {
    update: (shown) => single.update(Math.min(bytes, shown.bytes), payload(shown)),
    stop: () => single.stop(),
  };
};

const report = (bytes: number, log: (line: string) => void): Progress => {
  const begun = performance.now();
  let last = begun;
  return {
    update: (shown) => {
      if (performance.now() - last < 5_000) return;
      last = performance.now();
      const percent = Math.round((100 * shown.bytes) / Math.max(1, bytes));
      log(`${percent} %  ${shown.lines} lines  ${perSecond(shown.lines, begun)} lines/s  ${shown.rejected} rejected`);
    },
    stop: () => undefined,
  };
};

export const showProgress = (bytes: number, log: (line: string) => void): Progress =>
  process.stderr.isTTY ? bar(bytes) : report(bytes, log);

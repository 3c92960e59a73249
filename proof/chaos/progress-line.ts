export interface ProgressNow {
  elapsedMs: number;
  totalMs: number;
  fault: string;
  acknowledgedPerSecond: number;
  pending: number;
}

const terminalEveryMs = 500;
const otherwiseEveryMs = 10_000;

/** On a terminal one line that is written over; otherwise a line now and then. */
export const showProgress = (now: () => ProgressNow): { stop(): void; log(line: string): void } => {
  const terminal = process.stdout.isTTY;
  const line = (): string => {
    const { elapsedMs, totalMs, fault, acknowledgedPerSecond, pending } = now();
    const done = Math.min(20, Math.floor((20 * elapsedMs) / totalMs));
    return `[${'#'.repeat(done)}${'.'.repeat(20 - done)}] ${clock(elapsedMs)} of ${clock(totalMs)}  ${acknowledgedPerSecond} acks/s, ${pending} pending  ${fault || 'undisturbed'}`;
  };
  const show = (): void => void (terminal ? process.stdout.write(`\r\x1b[K${line()}`) : console.log(line()));
  const timer = setInterval(show, terminal ? terminalEveryMs : otherwiseEveryMs);
  return {
    stop() {
      clearInterval(timer);
      if (terminal) process.stdout.write('\r\x1b[K');
    },
    log(text) {
      if (terminal) process.stdout.write('\r\x1b[K');
      console.log(text);
    },
  };
};

const clock = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

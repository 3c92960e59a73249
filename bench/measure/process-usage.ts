import { readFileSync } from 'node:fs';

/** Of Linux on every machine that Node runs on. */
const ticksPerSecond = 100;

/** CPU seconds, in the program and in the system for it, that a process has used since its start. Null where there is no /proc. */
export const cpuSeconds = (pid: number): number | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the name, which may hold spaces: utime and stime are the 14th and 15th field of all.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return null;
  }
};

/** Of several processes together. */
export const cpuSecondsOf = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + (cpuSeconds(pid) ?? 0), 0);

/** Bytes in memory: all that the process has there, and with what it shares divided among those who share it. */
export const memoryOf = (pid: number): { rss: number; pss: number } | null => {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? Number.NaN) * 1024;
    return { rss: bytes('Rss'), pss: bytes('Pss') };
  } catch {
    return null;
  }
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until processes use less than `share` of a core over a second, at most `ms`. Answers the share at the end. */
export const untilCalm = async (pids: readonly number[], ms: number, share = 0.05): Promise<number> => {
  for (const until = performance.now() + ms; ; ) {
    const before = cpuSecondsOf(pids);
    const at = performance.now();
    await sleep(1_000);
    const used = (cpuSecondsOf(pids) - before) / ((performance.now() - at) / 1000);
    if (used < share || performance.now() > until) return used;
  }
};

import { readFileSync } from 'node:fs';

const sampleMs = 500;
/** Of all cores. */
const quietShare = 0.1;

const busy = (): { busy: number; all: number } | null => {
  try {
    const [first] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
    const ticks = first!.trim().split(/\s+/).slice(1, 9).map(Number);
    const all = ticks.reduce((sum, value) => sum + value, 0);
    return { all, busy: all - ticks[3]! - ticks[4]! };
  } catch {
    return null;
  }
};

/** The share of the machine that is busy now, 0 to 1; null where it cannot be known. Ask while nothing of the bench works. */
export const busyShare = async (): Promise<number | null> => {
  const before = busy();
  await new Promise((resolve) => setTimeout(resolve, sampleMs));
  const after = busy();
  return before && after ? (after.busy - before.busy) / Math.max(1, after.all - before.all) : null;
};

/** Waits at most `ms` for a quiet machine. Answers the share of it that is busy even then, 0 when it is quiet. */
export const untilQuiet = async (ms: number): Promise<number> => {
  for (const until = performance.now() + ms; ; ) {
    const share = await busyShare();
    if (share === null || share < quietShare) return 0;
    if (performance.now() >= until) return share;
  }
};

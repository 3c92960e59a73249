import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import type { Clock } from '../kernel/clock.js';
import type { Part } from '../kernel/lifecycle.js';

const flag = '--heap-growing-percent';
const lookMs = 1_000;
/** Without a collection for so long a process does not need room. */
const idleMs = 300_000;
/** Looks for which a growth counts. */
const remembered = 5;
/** Of the most that the heap may have at all, what garbage may take between two collections. */
const shareOfLimit = 1 / 8;
const widest = 400;

/** Whether a population of sockets and actors has grown lately, by what it was at the last looks, oldest first. */
export const isGrowing = (counts: readonly number[]): boolean => {
  const [first, last] = [counts[0] ?? 0, counts.at(-1) ?? 0];
  return last > first + 20 && last > 1.02 * first;
};

/**
 * Percent by which the heap's old part may grow over the bytes that a collection kept, when what fills it is garbage. `limit`: bytes
 * that it may have at most.
 */
export const widthFor = (kept: number, narrow: number, limit: number): number =>
  Math.max(narrow, Math.min(widest, Math.round((100 * limit * shareOfLimit) / Math.max(1, kept))));

/** The percentage that a process was started with; undefined: V8 is left to itself. */
export const growthAtStart = (execArgv: readonly string[]): number | undefined => {
  const given = execArgv.findLast((argument) => argument.startsWith(`${flag}=`));
  return given === undefined ? undefined : Number(given.slice(flag.length + 1));
};

const oldSpace = (): number => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0;

/**
 * Decides how much the heap may grow until its next collection, in a process that was started with such a growth. While people come
 * in, what grows stays, and the growth of the start keeps memory near what is needed. When it was collected and nobody had come, what
 * grows is garbage, and the next collection looks at all that stays and holds up messages meanwhile: with more room it comes later.
 */
export const heapRoom = (
  { population, clock }: { population: () => number; clock: Clock },
  {
    execArgv = process.execArgv as readonly string[],
    heap = oldSpace,
    limit = getHeapStatistics().heap_size_limit,
    apply = (percent: number): void => setFlagsFromString(`${flag}=${percent}`),
  } = {},
): Part => {
  const narrow = growthAtStart(execArgv);
  const counts: number[] = [];
  let percent = narrow;
  let used = 0;
  /** By the last collection while nobody came in, and its monotonic ms. */
  let kept = 0;
  let collected = Number.NEGATIVE_INFINITY;
  const look = (): void => {
    if (narrow === undefined) return;
    counts.push(population());
    if (counts.length > remembered) counts.shift();
    const before = used;
    used = heap();
    if (isGrowing(counts)) collected = Number.NEGATIVE_INFINITY;
    else if (used < 0.9 * before) {
      kept = used;
      collected = clock.monotonic();
    }
    const wanted = clock.monotonic() - collected < idleMs ? widthFor(kept, narrow, limit) : narrow;
    // V8 reads it when a collection ends.
    if (wanted !== percent) apply(wanted);
    percent = wanted;
  };
  let timer: ReturnType<Clock['every']> | undefined;
  return {
    name: 'heap room',
    start: () => {
      if (narrow !== undefined) timer ??= clock.every(lookMs, look);
    },
    stop: () => {
      timer?.cancel();
      timer = undefined;
    },
  };
};

/**
 * For `lru-cache`: at most so many entries, with nothing set aside for them before they come. Its `max` would allocate arrays of
 * that length at once: megabytes for each cache, however little it will ever hold.
 */
export const entriesAtMost = (count: number): { maxSize: number; sizeCalculation: () => number } => ({
  maxSize: count,
  sizeCalculation: one,
});

const one = (): number => 1;

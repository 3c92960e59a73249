/** Runs so many at once; whoever comes later waits for a place, first come, first served. */
export const turns = (atOnce: number): (<T>(run: () => Promise<T>) => Promise<T>) => {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (run) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      // Whoever waits longest takes over this place.
      if (next) next();
      else running--;
    }
  };
};

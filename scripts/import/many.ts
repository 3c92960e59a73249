/** Runs over all items, at most `limit` at a time. The first failure is thrown when those under way have ended. */
export const forMany = async <T>(items: Iterable<T>, limit: number, run: (item: T) => Promise<void>): Promise<void> => {
  const rest = items[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (let next = rest.next(); !next.done && !failure; next = rest.next()) {
      try {
        await run(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
  if (failure) throw failure.error;
};

/** Sockets handled in one go before others get their turn. */
const step = 500;

/** Does something for each of many, letting the event loop go round in between. What joins meanwhile is not reached. */
export const inSteps = async <T>(items: Iterable<T>, each: (item: T) => void): Promise<void> => {
  let done = 0;
  for (const item of [...items]) {
    each(item);
    if (++done % step === 0) await new Promise((resolve) => setImmediate(resolve));
  }
};

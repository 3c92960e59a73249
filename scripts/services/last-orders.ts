let closed = false;

/** From now on this process starts no other: a start that is under way elsewhere must not add one that nobody ends. */
export const startNothingMore = (): void => {
  closed = true;
};

/** Stands right before each process's start. */
export const demandMayStart = (): void => {
  if (closed) throw new Error('stopping: nothing more is started');
};

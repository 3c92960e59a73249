const lookMs = 500;

/**
 * npm ends at once when it gets a signal and hands nothing on, so what it started watches for its end. Outside npm nothing is
 * watched: there a process may well outlive who started it.
 */
export const onNpmGone = (stop: () => void): void => {
  // Whoever read our output may be gone too, which must not end us before the rest is stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, lookMs);
  timer.unref();
};

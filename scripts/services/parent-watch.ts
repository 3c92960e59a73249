const lookMs = 250;

/**
 * npm ends at once when it gets a signal and hands nothing on, so what it started watches for its end, which may have come before we
 * looked for the first time: package.json gives npm's pid in PARLEY_NPM. Outside npm nothing is watched: there a process may well
 * outlive who started it.
 */
export const onNpmGone = (stop: () => void): void => {
  // Whoever read our output may be gone too, which must not end us before the rest is stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const npm = Number(process.env.PARLEY_NPM);
  // What we start has another parent.
  delete process.env.PARLEY_NPM;
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = npm || process.ppid;
  if (process.ppid !== parent) {
    stop();
    return;
  }
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, lookMs);
  timer.unref();
};

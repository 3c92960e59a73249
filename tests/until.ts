/**
 * How long a test waits for something that is to come, in ms: long enough for a machine that is busy with other work, so that only
 * what never comes fails. How fast something comes is for `bench/` and `npm run chaos` to say.
 */
export const patienceMs = 60_000;

/** Waits until a condition holds, looking often; what is waited for is named when it never does. `meanwhile` may throw to end it. */
export const until = async (what: string, holds: () => Promise<boolean> | boolean, meanwhile?: () => void): Promise<void> => {
  const end = performance.now() + patienceMs;
  while (!(await holds())) {
    meanwhile?.();
    if (performance.now() > end) throw new Error(`waited ${patienceMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

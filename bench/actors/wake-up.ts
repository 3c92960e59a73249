import type { ColdThread } from './cold-threads.js';

/** Threads that are woken at once. */
export const wakingAtOnce = 64;

/** Most connections to the store, as many as a node has. */
export const connections = 20;

export interface WakeUp {
  perSecond: number;
  /** Threads whose head is not what was stored. */
  wrong: number;
}

/** Looks at the head of every thread, a bounded number at once. A look that fails counts as wrong. */
export const wakeUp = async (
  threads: readonly ColdThread[],
  look: (id: string) => Promise<{ head_rev: number; last_seq: number }>,
): Promise<WakeUp> => {
  let next = 0;
  let wrong = 0;
  const begin = performance.now();
  const walk = async (): Promise<void> => {
    while (next < threads.length) {
      const { id, head_rev, last_seq } = threads[next++]!;
      const head = await look(id).catch(() => undefined);
      if (head?.head_rev !== head_rev || head.last_seq !== last_seq) wrong++;
    }
  };
  await Promise.all(Array.from({ length: wakingAtOnce }, walk));
  return { perSecond: (threads.length * 1000) / (performance.now() - begin), wrong };
};

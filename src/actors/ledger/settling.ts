import type { ActorContext } from '../runtime/actor.js';

const pause = { firstMs: 20, mostMs: 500 };

/** Makes an attempt again until its outcome is known, the owner has lost its place, or `patienceMs` end: once at least. */
export const settled = async <O extends string>(
  owner: Pick<ActorContext, 'clock' | 'isLost'>,
  patienceMs: number,
  attempt: () => Promise<O | 'unknown'>,
): Promise<O | 'unknown'> => {
  const { clock } = owner;
  const end = clock.monotonic() + patienceMs;
  for (let wait = pause.firstMs; ; wait = Math.min(wait * 2, pause.mostMs)) {
    // Another owner may begin: this one must begin no write any more.
    if (owner.isLost) return 'unknown';
    const outcome = await attempt();
    if (outcome !== 'unknown' || clock.monotonic() + wait > end) return outcome;
    await clock.sleep(wait);
  }
};

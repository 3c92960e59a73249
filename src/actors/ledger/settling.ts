import type { ActorContext } from '../runtime/actor.js';

const pause = { firstMs: 20, mostMs: 500 };
/** So long the store is asked what became of a write; less than an ask takes, so that whoever asks hears of it. */
const patienceMs = 4_000;

/** Makes an attempt again until its outcome is known, the owner has lost its place, or patience ends. */
export const settled = async <O extends string>(
  owner: Pick<ActorContext, 'clock' | 'isLost'>,
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

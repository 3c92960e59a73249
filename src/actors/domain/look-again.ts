import { hash32 } from '../../kernel/ids.js';
import type { ActorContext } from '../runtime/actor.js';

/** Ms after which what others began to write may have landed: most of it at once, the last of it when its time limits are over. */
const looksMs = [4_000, 12_000, 25_000];
/** Actors that moved together do not look together: each does so by up to this share later, the same each time. */
const spread = 0.08;

/**
 * Has an actor told to look at what is stored, as often as something of an earlier owner or incarnation may still land there.
 * One that has been alone for long enough is told nothing: it pays nothing for being activated. Answers whether a look is due:
 * an actor that ends before it must look then, or the next owner would take what landed for what was shown.
 */
export const lookAgainLater = (context: ActorContext): (() => boolean) => {
  const aloneSince = context.clock.monotonic() - context.aloneMs;
  const late = 1 + (spread * hash32(`${context.address.key}/${context.address.kind}`)) / 2 ** 32;
  for (const ms of looksMs) {
    const left = Math.round(ms * late) - context.aloneMs;
    if (left > 0) context.tellSelfAfter(left, { type: 'look_again' });
  }
  return () => context.clock.monotonic() - aloneSince < Math.max(...looksMs) * late;
};

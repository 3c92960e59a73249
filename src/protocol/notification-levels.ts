import { z } from 'zod';
import { timestamp } from './primitives.js';

/**
 * What a member wants to hear of a place: an item of the ledger `me` whose key is the place's name. Where there is none, all of it.
 */
export const notificationLevel = z
  .strictObject({
    level: z.enum(['all', 'mentions', 'none']).meta({
      description: '`mentions`: what mentions or answers one. `none`: nothing. What was notified before stays as it is',
    }),
    muted_until: timestamp.nullable().meta({ description: 'Until then nothing, whatever the level; null: not muted' }),
  })
  .meta({ id: 'NotificationLevel' });
export type NotificationLevel = z.output<typeof notificationLevel>;

export const notificationLevelKind = 'notification_level';

const isMuted = ({ muted_until }: NotificationLevel, now: number): boolean => muted_until !== null && Date.parse(muted_until) > now;

/** Whether it says no more than its absence does: a mute that is over says nothing. `now` in ms. */
export const saysNothing = (said: NotificationLevel, now: number): boolean => said.level === 'all' && !isMuted(said, now);

/**
 * Whether somebody is to be told what mentions or answers them in a thread. What they said of the thread goes before what they said of its
 * community. Undefined: they said nothing. `now` in ms.
 */
export const isToBeTold = (ofThread: NotificationLevel | undefined, ofCommunity: NotificationLevel | undefined, now: number): boolean => {
  const said = [ofThread, ofCommunity].find((one) => one && !saysNothing(one, now));
  return said === undefined || (said.level !== 'none' && !isMuted(said, now));
};

import { type NotificationLevel, saysNothing } from '../../protocol/notification-levels.js';

interface Given {
  level: NotificationLevel['level'];
  muted_until?: string | null | undefined;
}

/** As it is kept: a mute that is over is none, and times are told in one way. `now` in ms. */
export const levelOf = ({ level, muted_until }: Given, now: number): NotificationLevel => {
  const until = muted_until === null || muted_until === undefined ? 0 : Date.parse(muted_until);
  return { level, muted_until: until > now ? new Date(until).toISOString() : null };
};

/** Null: by its absence. */
export const keptAs = (given: NotificationLevel, now: number): NotificationLevel | null => (saysNothing(given, now) ? null : given);

/** Those of some that say nothing any more, at most so many. */
export const overBy = <I extends { value: NotificationLevel }>(items: readonly I[], now: number, most: number): I[] =>
  items.filter(({ value }) => saysNothing(value, now)).slice(0, most);

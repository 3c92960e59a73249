import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keptAs, levelOf, overBy } from '../../../src/features/notification-levels/policy.js';
import { isToBeTold, type NotificationLevel, notificationLevel } from '../../../src/protocol/notification-levels.js';

const now = Date.UTC(2026, 0, 2);
const at = (ms: number): string => new Date(now + ms).toISOString();
const said = (level: NotificationLevel['level'], muted_until: string | null = null): NotificationLevel => ({ level, muted_until });

test.each<[what: string, thread: NotificationLevel | undefined, community: NotificationLevel | undefined, told: boolean]>([
  ['nothing', undefined, undefined, true],
  ['none of the thread', said('none'), undefined, false],
  ['none of the community', undefined, said('none'), false],
  ['mentions of both', said('mentions'), said('mentions'), true],
  ['mentions of a thread in a community of which nothing is to be heard', said('mentions'), said('none'), true],
  ['none of a thread in a community of which mentions are to be heard', said('none'), said('mentions'), false],
  ['a mute of the thread', said('all', at(1)), undefined, false],
  ['a mute of the thread where mentions are to be heard of the community', said('mentions', at(1)), said('mentions'), false],
  ['a mute of the community', undefined, said('mentions', at(1)), false],
  ['a mute of the community and mentions of the thread', said('mentions'), said('all', at(1)), true],
  ['a mute of the thread that is over', said('all', at(0)), undefined, true],
  ['a mute of the thread that is over, and none of the community', said('all', at(0)), said('none'), false],
  ['a mute that is over and none', said('none', at(-1)), undefined, false],
  ['a mute that is over and mentions', said('mentions', at(-1)), said('none'), true],
])('whoever said %s', (_, thread, community, told) => {
  expect(isToBeTold(thread, community, now)).toBe(told);
});

test('what is kept says what was given, in one form, and nothing is kept that says nothing', () => {
  const given = fc.record({
    level: fc.constantFrom('all' as const, 'mentions' as const, 'none' as const),
    muted_until: fc.option(fc.integer({ min: -2, max: 2 }).map((ms) => at(ms).replace('Z', '+00:00'))),
  });
  fc.assert(
    fc.property(given, given, (one, other) => {
      const level = levelOf(one, now);
      expect(notificationLevel.parse(level)).toEqual(level);
      expect(levelOf(level, now)).toEqual(level);
      expect(isToBeTold(level, other, now)).toBe(isToBeTold(one, other, now));
      const kept = keptAs(level, now);
      expect(isToBeTold(kept ?? undefined, other, now)).toBe(isToBeTold(one, other, now));
      if (kept?.muted_until) expect(kept.muted_until).toMatch(/Z$/);
    }),
  );
});

test('only what says nothing any more makes room, and no more than asked for', () => {
  const items = [said('all', at(0)), said('all', at(1)), said('none', at(0)), said('all', at(-5)), said('mentions')].map((value) => ({
    value,
  }));
  expect(overBy(items, now, 10)).toEqual([items[0], items[3]]);
  expect(overBy(items, now, 1)).toEqual([items[0]]);
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Round, toldAtOnce } from '../../../src/actors/domain/user/round.js';

const places = (count: number): string[] => Array.from({ length: count }, (_x, i) => `c${i}`);

describe('a round of telling', () => {
  it.each([
    [0, []],
    [1, [1]],
    [50, [50]],
    [51, [50, 1]],
    [200, [50, 50, 50, 50]],
    [301, [50, 50, 50, 50, 50, 50, 1]],
  ])('of %i places takes steps of %j', (count, steps) => {
    const round = new Round<string>();
    round.begin(places(count), 'x');
    const taken: number[] = [];
    while (round.open) taken.push(round.next().places.length);
    expect(taken).toEqual(steps);
  });

  it('tells those first that were to be told of what is old by now', () => {
    const round = new Round<string>();
    round.begin(places(60), 'old');
    round.next();
    round.begin(places(60), 'new');
    expect(round.next()).toEqual({ places: [...places(60).slice(50), ...places(60).slice(0, 40)], news: 'new' });
  });

  it('whatever comes between, never tells more than a step at once, never what is old, and leaves everybody with the newest', () => {
    const step = fc.oneof(fc.constant('next' as const), fc.record({ count: fc.integer({ min: 0, max: 320 }) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const round = new Round<number>();
        const told = new Map<string, number>();
        let newest = 0;
        let last: string[] = [];
        const next = (): void => {
          const { places: some, news } = round.next();
          expect(some.length).toBeLessThanOrEqual(toldAtOnce);
          for (const place of some) {
            expect([news, last.includes(place), told.get(place) === news]).toEqual([newest, true, false]);
            told.set(place, news);
          }
        };
        for (const one of steps) {
          if (one === 'next') next();
          else {
            last = places(one.count);
            round.begin(last, ++newest);
          }
        }
        while (round.open) next();
        for (const place of last) expect(told.get(place)).toBe(newest);
      }),
    );
  });
});

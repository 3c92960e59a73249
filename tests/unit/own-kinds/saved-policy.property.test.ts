import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { listedAfter } from '../../../src/features/saved/policy.js';

const saved = fc.record({
  // Few moments, so that many are of one.
  saved_at: fc.integer({ min: 0, max: 3 }).map((at) => new Date(at).toISOString()),
  message_id: fc.integer({ min: 0, max: 20 }).map((at) => at.toString(16).padStart(24, '0')),
});
const all = fc.uniqueArray(saved, { selector: ({ message_id }) => message_id });

test('whoever goes on behind each page sees every one once, the last saved first', () => {
  fc.assert(
    fc.property(all, fc.integer({ min: 1, max: 4 }), (given, size) => {
      const seen: typeof given = [];
      for (let page = listedAfter(given, undefined); page.length > 0; page = listedAfter(given, seen.at(-1)))
        seen.push(...page.slice(0, size));
      expect(new Set(seen)).toEqual(new Set(given));
      expect(seen).toHaveLength(given.length);
      const moments = seen.map(({ saved_at }) => saved_at);
      expect(moments).toEqual([...moments].sort().reverse());
    }),
  );
});

test('behind one that is not there (any more) it goes on where that stood', () => {
  fc.assert(
    fc.property(all, saved, (given, gone) => {
      const others = given.filter(({ message_id }) => message_id !== gone.message_id);
      const whole = listedAfter([...others, gone], undefined);
      expect(listedAfter(others, gone)).toEqual(whole.slice(whole.indexOf(gone) + 1));
    }),
  );
});

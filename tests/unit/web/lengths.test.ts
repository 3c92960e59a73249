import { describe, expect, it } from '@jest/globals';
import { bounds } from '../../../src/protocol/primitives.js';
import { countOf, longest, tooLong } from '../../../web/src/lengths.js';

describe('lengths of what is written', () => {
  it('are bounded on the page as on the server', () => {
    const { content, title, name, roleName, description, query } = bounds;
    expect(longest).toEqual({ content, title, name, roleName, description, query });
  });

  it.each([
    ['far from the bound', 'a'.repeat(80), null, null],
    ['near the bound', 'a'.repeat(95), '95 of 100 characters', null],
    ['at the bound', 'a'.repeat(100), '100 of 100 characters', null],
    ['beyond it', 'a'.repeat(112), '112 of 100 characters: shorten it by 12.', '112 of 100 characters: shorten it by 12.'],
    ['with space around it that is not sent', ` ${'a'.repeat(100)}\n`, '100 of 100 characters', null],
    [
      'in units as the server counts them',
      '😀'.repeat(51),
      '102 of 100 characters: shorten it by 2.',
      '102 of 100 characters: shorten it by 2.',
    ],
  ])('%s', (_, text, count, words) => {
    expect([countOf(text, 100), tooLong(text, 100)]).toEqual([count, words]);
  });

  it('are told in figures that can be read', () => {
    expect(tooLong('a'.repeat(12_000), longest.content)).toBe('12,000 of 10,000 characters: shorten it by 2,000.');
  });
});

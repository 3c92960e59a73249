import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ParsedTexts } from '../../../web/src/parsed-texts.js';

describe('parsed texts', () => {
  let parsed: string[];
  let texts: ParsedTexts;
  beforeEach(() => {
    jest.useFakeTimers();
    parsed = [];
    texts = new ParsedTexts((text) => {
      parsed.push(text);
      return [];
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('are parsed once, however often they are drawn', () => {
    expect(texts.get('a')).toBe(texts.get('a'));
    expect(parsed).toEqual(['a']);
  });

  it('of one turn are so many characters; what is over waits for the next', () => {
    const long = Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(10_000, 'x'));
    let turns = 0;
    for (let missing = long; missing.length > 0; turns++) {
      const before = parsed.length;
      missing = missing.filter((text) => texts.get(text) === null);
      expect(parsed.length - before).toBe(10);
      jest.runAllTimers();
    }
    expect([turns, parsed]).toEqual([10, long]);
  });

  it('are forgotten, the one that was drawn longest ago first', () => {
    const get = (name: number): unknown => {
      jest.runAllTimers();
      return texts.get(`${name}`.padEnd(10_000, 'x'));
    };
    for (let i = 0; i < 100; i++) get(i);
    get(0);
    get(100);
    expect(parsed).toHaveLength(101);
    get(0);
    expect(parsed).toHaveLength(101);
    get(1);
    expect(parsed).toHaveLength(102);
  });

  it('longer than a turn are parsed all the same', () => {
    expect(texts.get('x'.repeat(200_000))).toEqual([]);
  });
});

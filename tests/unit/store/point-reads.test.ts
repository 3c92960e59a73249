import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../../src/kernel/errors.js';
import { PointReads } from '../../../src/store/mongo/point-reads.js';

const [a, b, c] = ['aaaaaaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbb', 'cccccccccccccccccccccccc'];

describe('point reads', () => {
  test('what is asked for in one turn is found by one read, each key once', async () => {
    const reads: (readonly string[])[] = [];
    const points = new PointReads(async (keys) => {
      reads.push(keys);
      return new Map(keys.filter((key) => key !== c).map((key) => [key, `record of ${key}`]));
    });
    const found = await Promise.all([points.get(a), points.get(b), points.get(a), points.get(c)]);
    expect(found).toEqual([`record of ${a}`, `record of ${b}`, `record of ${a}`, null]);
    expect(reads).toEqual([[a, b, c]]);
  });

  test('a read begins after it was asked for, and remembers nothing', async () => {
    let stored = 1;
    const points = new PointReads(async (keys) => new Map(keys.map((key) => [key, stored])));
    expect(await points.get(a)).toBe(1);
    const second = points.get(a);
    stored = 2;
    expect(await second).toBe(2);
    expect(await points.get(a)).toBe(2);
  });

  test('a failure reaches all who asked, and the next read runs anew', async () => {
    const outcomes = [new Fault('unavailable', 'The store is not available'), null];
    const points = new PointReads(async (keys) => {
      const failure = outcomes.shift();
      if (failure) throw failure;
      return new Map(keys.map((key) => [key, key]));
    });
    const both = await Promise.allSettled([points.get(a), points.get(b)]);
    expect(both.map((one) => (one as PromiseRejectedResult).reason.code)).toEqual(['unavailable', 'unavailable']);
    expect(await points.get(a)).toBe(a);
  });

  test('an id that is none harms nobody else', async () => {
    const points = new PointReads(async (keys) => new Map(keys.map((key) => [key, key])));
    const [bad, good] = await Promise.allSettled([points.get('no id'), points.get(a)]);
    expect(bad.status).toBe('rejected');
    expect(good).toMatchObject({ value: a });
  });

  test('pairs are told apart by both ids', async () => {
    const points = new PointReads(async (keys) => {
      expect(keys).toEqual([`${a} ${b}`, `${b} ${a}`, `${a} ${c}`]);
      return new Map([[`${a} ${c}`, 'ac']]);
    });
    expect(await Promise.all([points.get(a, b), points.get(b, a), points.get(a, c)])).toEqual([null, null, 'ac']);
  });
});

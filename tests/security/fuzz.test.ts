import { describe, expect, it } from '@jest/globals';
import { fuzz } from '../../proof/fuzz/run.js';
import { testMongodbUrl, testRedisUrl } from '../services-env.js';

/** A bounded part of `npm run fuzz`, each time the same cases. */
const seed = 20_261_127;

describe('requests, events and frames made from the node’s own documents', () => {
  it.each([
    ['off', 25_000],
    ['on', 12_000],
  ] as const)(`leave the node whole, with limits %s (seed ${seed})`, async (limits, ms) => {
    const services = { redisUrl: testRedisUrl(), mongoUrl: testMongodbUrl() };
    const log = (line: string): void => console.log(line);
    const { cases, answers, findings } = await fuzz({ services, limits, seed, ms, rounds: 8, log });
    expect(findings).toEqual([]);
    // It got in, and it was refused: neither alone would show much.
    expect(cases).toBeGreaterThan(20);
    expect(Object.keys(answers)).toEqual(expect.arrayContaining(['200', '400']));
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryGuesses } from '../../../src/gateway/limits/guesses.js';
import { type GuessState, guessing, nextTry, waitAfter, waitTable } from '../../../src/gateway/limits/guessing.js';
import { FakeClock } from '../../../src/kernel/clock.js';

const quarter = 15 * 60_000;

describe('the wait after wrong passwords', () => {
  it.each([
    [0, 0],
    [1, 0],
    [4, 0],
    [5, 1_000],
    [6, 2_000],
    [7, 4_000],
    [14, 512_000],
    [15, quarter],
    [16, quarter],
    [1_000_000, quarter],
  ])('after %i is %i ms', (failures, ms) => {
    expect(waitAfter(failures)).toBe(ms);
    expect(waitTable[Math.min(failures, waitTable.length) - 1] ?? 0).toBe(ms);
  });

  it('never shrinks by trying, is never longer than the bound, and no refused try changes it', () => {
    const tries = fc.array(fc.integer({ min: 0, max: 2 * quarter }), { maxLength: 60 });
    fc.assert(
      fc.property(tries, (pauses) => {
        let now = 1_000_000;
        let state: GuessState | undefined;
        for (const pause of pauses) {
          now += pause;
          const next = nextTry(state, now);
          if ('refusedMs' in next) {
            expect(next.refusedMs).toBeGreaterThan(0);
            expect(next.refusedMs).toBeLessThanOrEqual(quarter);
            // Waiting as long as one is told is always enough.
            expect(nextTry(state, now + next.refusedMs)).toHaveProperty('state');
          } else {
            expect(next.state.until - now).toBeGreaterThanOrEqual(state ? state.until - state.at : 0);
            state = next.state;
          }
        }
      }),
    );
  });

  it('lets through what a day allows and no more, however it is spread', () => {
    const day = 24 * 3_600_000;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: quarter }), { minLength: 500, maxLength: 2_000 }), (pauses) => {
        let now = 0;
        let state: GuessState | undefined;
        let through = 0;
        for (const pause of pauses) {
          now += pause;
          if (now > day) break;
          const next = nextTry(state, now);
          if ('refusedMs' in next) continue;
          state = next.state;
          through++;
        }
        expect(through).toBeLessThanOrEqual(waitTable.length + now / quarter + 1);
      }),
      { numRuns: 50 },
    );
  });

  it('is forgotten after a day without a try', () => {
    const state = { failures: 40, until: 0, at: 0 };
    expect(nextTry(state, guessing.forgetMs - 1)).toMatchObject({ state: { failures: 41 } });
    expect(nextTry(state, guessing.forgetMs)).toMatchObject({ state: { failures: 1 } });
  });
});

describe('guesses in memory', () => {
  it('that come at once count each other', async () => {
    const guesses = new MemoryGuesses(new FakeClock());
    const tries = await Promise.allSettled(Array.from({ length: 90 }, () => guesses.begin('one')));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(guessing.free);
    await expect(guesses.begin('other')).resolves.toBeUndefined();
  });

  it('are cleared by a right password, of their own key alone', async () => {
    const guesses = new MemoryGuesses(new FakeClock());
    for (const key of ['mine', 'theirs']) for (let i = 0; i < guessing.free; i++) await guesses.begin(key);
    await guesses.succeeded('mine');
    await expect(guesses.begin('mine')).resolves.toBeUndefined();
    await expect(guesses.begin('theirs')).rejects.toMatchObject({ code: 'rate_limited', retry_after_ms: 1_000 });
  });
});

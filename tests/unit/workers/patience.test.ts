import { beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Patience } from '../../../src/workers/patience.js';
import { Spell, type SpellEnded } from '../../../src/workers/spell.js';

describe('patience in a spell of failures', () => {
  let clock: FakeClock;
  let begun: unknown[];
  let ended: SpellEnded[];
  let spell: Spell;
  let isRefused: boolean;
  /** When each try was carried out, in ms. */
  let tries: number[];

  beforeEach(() => {
    clock = new FakeClock();
    begun = [];
    ended = [];
    spell = new Spell(
      clock,
      (error) => begun.push(error),
      (how) => ended.push(how),
    );
    isRefused = true;
    tries = [];
  });

  const act = async (): Promise<string> => {
    tries.push(clock.monotonic());
    if (isRefused) throw new Error(`no ${tries.length}`);
    return 'done';
  };
  const patient = (random: number): Patience => new Patience(clock, spell, () => random);
  const tryOn = (patience: Patience): Promise<string | undefined> =>
    patience.try(act).catch((error: unknown) => {
      spell.failed(error);
      return undefined;
    });
  /** Tries again and again until one goes well. */
  const keepOn = async (patience: Patience): Promise<void> => {
    while ((await tryOn(patience)) === undefined);
  };

  test.each([
    [0, [0, 100, 300, 700, 1_500, 3_100, 6_300, 11_300, 16_300]],
    [1, [0, 50, 150, 350, 750, 1_550, 3_150, 5_650, 8_150]],
  ])('each wait is twice as long, 5 s at most, and shorter by up to a half (%p)', async (random, times) => {
    void keepOn(patient(random));
    await clock.advance(times.at(-1)!);
    expect(tries).toEqual(times);
    expect(begun).toEqual([new Error('no 1')]);
    expect(ended).toEqual([]);
  });

  test('what goes well ends the spell; the next begins with a short wait', async () => {
    const patience = patient(0);
    const first = keepOn(patience);
    await clock.advance(1_500);
    isRefused = false;
    await clock.advance(1_600);
    await first;
    expect(ended).toEqual([{ failures: 5, for_ms: 3_100 }]);
    isRefused = true;
    tries = [];
    void keepOn(patience);
    await clock.advance(300);
    expect(tries).toEqual([3_100, 3_200, 3_400]);
    expect(begun).toHaveLength(2);
  });

  test('a spell that ended by something else, and the next, before anything is tried: a short wait again', async () => {
    const patience = patient(0);
    void keepOn(patience);
    await clock.advance(1_000);
    spell.over();
    spell.failed(new Error('another'));
    tries = [];
    await clock.advance(600);
    expect(tries).toEqual([1_500, 1_600]);
  });

  test('what fails beside a try that goes well keeps the spell', async () => {
    const patience = patient(0);
    spell.failed(new Error('first'));
    const done = patience.try(async () => spell.failed(new Error('beside it')));
    await clock.advance(100);
    await done;
    expect(spell.failures).toBe(2);
    expect(ended).toEqual([]);
  });

  test('two that come in one wait go on at its end; stopping ends it at once and runs neither', async () => {
    const patience = patient(0);
    spell.failed(new Error('first'));
    isRefused = false;
    const both = [patience.try(act), patience.try(act)];
    await clock.advance(100);
    expect(await Promise.all(both)).toEqual(['done', 'done']);
    expect(tries).toEqual([100, 100]);
    spell.failed(new Error('second'));
    const more = [patience.try(act), patience.try(act)].map((one) => expect(one).rejects.toThrow('stopped'));
    patience.stop();
    await Promise.all(more);
    await expect(patience.try(act)).rejects.toThrow('stopped');
    expect(tries).toHaveLength(2);
  });
});

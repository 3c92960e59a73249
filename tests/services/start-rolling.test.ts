import { describe, expect, test } from '@jest/globals';
import { hangUpMeans } from '../../scripts/start/hang-up.js';
import { RollingRestart } from '../../scripts/start/rolling-restart.js';

interface Fake {
  name: string;
  up: boolean;
  /** Ends the restart that is under way. */
  back: (error?: Error) => void;
}

/** Members that come back when told; what happens is noted in words. */
const setUp = (names: string[], options: { prepare?: () => Promise<void> } = {}) => {
  const events: string[] = [];
  const fakes = new Map<string, Fake>(names.map((name) => [name, { name, up: true, back: () => undefined }]));
  const waiting: (() => void)[] = [];
  const rolling = new RollingRestart({
    members: [...fakes.values()].map((fake) => ({
      name: fake.name,
      ready: async () => fake.up,
      untilReady: async () => {
        while (!fake.up) await new Promise<void>((resolve) => waiting.push(resolve));
      },
      renew: (signal) =>
        new Promise<void>((resolve, reject) => {
          events.push(`${fake.name} down (${[...fakes.values()].filter(({ up }) => up).length} up)`);
          fake.up = false;
          signal.addEventListener('abort', () => resolve());
          fake.back = (error) => {
            if (error) return reject(error);
            fake.up = true;
            for (const look of waiting.splice(0)) look();
            resolve();
          };
        }),
    })),
    prepare: options.prepare ?? (async () => undefined),
    log: (line) => events.push(line.replace(/\([\d.]+ s\)/, '').trim()),
  });
  return { rolling, events, fakes, settle: () => new Promise((resolve) => setImmediate(resolve)) };
};

describe('a rolling restart', () => {
  test('takes one down at a time, each when the one before is back', async () => {
    const { rolling, events, fakes, settle } = setUp(['a', 'b']);
    rolling.request();
    await settle();
    expect(events).toEqual(['rolling restart: begins', 'a down (2 up)']);
    fakes.get('a')!.back();
    await settle();
    expect(events.slice(2)).toEqual(['rolling restart: a is back', 'b down (2 up)']);
    fakes.get('b')!.back();
    await rolling.idle();
    expect(events.at(-1)).toBe('rolling restart: done');
  });

  test('stops where one does not come back; the others stay up', async () => {
    const { rolling, events, fakes, settle } = setUp(['a', 'b', 'c']);
    rolling.request();
    await settle();
    fakes.get('a')!.back(new Error('node a is not ready after 120 s'));
    await rolling.idle();
    expect(events.at(-1)).toBe('rolling restart: stopped here, what runs goes on: node a is not ready after 120 s');
    expect([...fakes.values()].map(({ up }) => up)).toEqual([false, true, true]);
  });

  test('begins with what takes no work, and waits for it before it touches another', async () => {
    const { rolling, events, fakes, settle } = setUp(['a', 'b']);
    fakes.get('b')!.up = false;
    rolling.request();
    await settle();
    expect(events.at(-1)).toBe('b down (1 up)');
    fakes.get('b')!.back();
    await settle();
    expect(events.at(-1)).toBe('a down (2 up)');
  });

  test('touches nothing when the build fails', async () => {
    const { rolling, events, fakes } = setUp(['a'], { prepare: () => Promise.reject(new Error('src/main.ts: no such word')) });
    rolling.request();
    await rolling.idle();
    expect(events).toEqual(['rolling restart: begins', 'rolling restart: stopped here, what runs goes on: src/main.ts: no such word']);
    expect(fakes.get('a')!.up).toBe(true);
  });

  test('asked for during one follows it once', async () => {
    const { rolling, events, fakes, settle } = setUp(['a']);
    rolling.request();
    await settle();
    rolling.request();
    rolling.request();
    expect(events.slice(2)).toEqual(['a rolling restart is under way; another follows it', 'a rolling restart waits already']);
    fakes.get('a')!.back();
    await settle();
    fakes.get('a')!.back();
    await rolling.idle();
    expect(events.filter((event) => event === 'a down (1 up)')).toHaveLength(2);
  });

  test('that is cancelled touches nothing more', async () => {
    const { rolling, events, settle } = setUp(['a', 'b']);
    rolling.request();
    await settle();
    await rolling.cancel();
    rolling.request();
    await settle();
    expect(events).toEqual(['rolling restart: begins', 'a down (2 up)']);
  });
});

test('a closing terminal stops everything, a signal without one restarts', () => {
  expect(hangUpMeans([{ isTTY: true }, {}])).toBe('stop');
  expect(hangUpMeans([{}, { isTTY: true }])).toBe('stop');
  expect(hangUpMeans([{}, { isTTY: false }])).toBe('rolling restart');
});

import { expect, test } from '@jest/globals';
import { Turnstile } from '../../../src/gateway/limits/turnstile.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';

test('a crowd goes through in order, so many at once; who finds no place is given a turn of its own', async () => {
  const clock = new FakeClock();
  const turnstile = new Turnstile({ clock, bounds: { atOnce: 2, waiting: 3 }, random: () => 0 });
  const begun: number[] = [];
  let underWay = 0;
  let most = 0;
  const done: number[] = [];
  const refused: (number | undefined)[] = [];
  const come = (n: number): Promise<void> =>
    turnstile
      .pass(async () => {
        begun.push(n);
        most = Math.max(most, ++underWay);
        await clock.sleep(40);
        underWay--;
      })
      .then(
        () => void done.push(n),
        (thrown: unknown) => void refused.push(Fault.from(thrown).retry_after_ms),
      );
  for (let n = 0; n < 8; n++) void come(n);
  await clock.advance(0);
  expect(begun).toEqual([0, 1]);
  // Behind the three that wait, 2 ms apart as long as nothing is known of the pace.
  expect(refused).toEqual([8, 10, 12]);
  await clock.advance(200);
  expect([begun, done, most]).toEqual([[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], 2]);
  void come(9);
  await clock.advance(40);
  expect(done.at(-1)).toBe(9);
});

test('the turns that are promised follow the pace of the work, and end before they are of no use', async () => {
  const clock = new FakeClock();
  const turnstile = new Turnstile({ clock, bounds: { atOnce: 1, waiting: 1 }, random: () => 0 });
  for (let n = 0; n < 100; n++) {
    const passed = turnstile.pass(() => clock.sleep(20));
    await clock.advance(20);
    await passed;
  }
  void turnstile.pass(() => clock.sleep(1_000));
  void turnstile.pass(() => clock.sleep(1_000));
  const times: number[] = [];
  for (let n = 0; n < 3_000; n++) {
    await turnstile.pass(async () => undefined).catch((thrown: unknown) => times.push(Fault.from(thrown).retry_after_ms ?? 0));
  }
  expect(times[10]! - times[9]!).toBeCloseTo(20, -1);
  expect(times.at(-1)).toBe(30_000);
});

test('work that fails gives its place free, and fails', async () => {
  const turnstile = new Turnstile({ clock: new FakeClock(), bounds: { atOnce: 1, waiting: 1 } });
  const fails = turnstile.pass(() => Promise.reject(new Fault('unauthenticated')));
  const waits = turnstile.pass(async () => 'in');
  await expect(fails).rejects.toMatchObject({ code: 'unauthenticated' });
  await expect(waits).resolves.toBe('in');
  await expect(turnstile.pass(async () => 'in')).resolves.toBe('in');
});

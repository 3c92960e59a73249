import { expect, test } from '@jest/globals';
import { callHook } from '../../../src/actors/runtime/hook.js';
import { FakeClock } from '../../../src/kernel/clock.js';

const setUp = () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const call = (hook: () => Promise<void> | void): void =>
    callHook(
      { clock, mostMs: 1_000 },
      hook,
      () => seen.push('done'),
      (error) => seen.push((error as Error).message),
    );
  return { clock, seen, call };
};

test('a hook that is not asynchronous has ended, or failed, when it was called', () => {
  const { seen, call } = setUp();
  call(() => undefined);
  call(() => {
    throw new Error('no');
  });
  expect(seen).toEqual(['done', 'no']);
});

test('one that takes too long has failed, and what it still does is ignored', async () => {
  for (const end of ['resolve', 'reject'] as const) {
    const { clock, seen, call } = setUp();
    let late = (): void => undefined;
    call(
      () =>
        new Promise((resolve, reject) => {
          late = end === 'resolve' ? resolve : () => reject(new Error('late'));
        }),
    );
    await clock.advance(999);
    expect(seen).toEqual([]);
    await clock.advance(1);
    late();
    await clock.advance(1);
    expect(seen).toEqual(['a hook took over 1000 ms']);
  }
});

test('one that ends in time is over, and its limit with it', async () => {
  const { clock, seen, call } = setUp();
  call(() => Promise.resolve());
  call(() => Promise.reject(new Error('no')));
  await clock.advance(5_000);
  expect(seen).toEqual(['done', 'no']);
});

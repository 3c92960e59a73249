import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../src/kernel/clock.js';
import { growthAtStart, heapRoom, isGrowing, widthFor } from '../../../src/roles/heap-room.js';

describe('how much the heap may grow between collections', () => {
  test('a quarter of a gigabyte over what is kept, within bounds', () => {
    expect(widthFor(40e6, 50)).toBe(300);
    expect(widthFor(128e6, 50)).toBe(200);
    expect(widthFor(2e9, 50)).toBe(50);
  });

  test('a population grows when more than a few have come, and more than a fiftieth', () => {
    expect(isGrowing([])).toBe(false);
    expect(isGrowing([0, 5, 20])).toBe(false);
    expect(isGrowing([0, 5, 21])).toBe(true);
    expect(isGrowing([9_000, 9_100])).toBe(false);
    expect(isGrowing([9_000, 9_200])).toBe(true);
    expect(isGrowing([9_000, 20])).toBe(false);
  });

  test('is set for processes alone that were started with a growth', () => {
    expect(growthAtStart(['--single-threaded-gc'])).toBeUndefined();
    expect(growthAtStart(['--heap-growing-percent=50', '--heap-growing-percent=70'])).toBe(70);
  });

  const setUp = (execArgv: string[]) => {
    const clock = new FakeClock();
    const state = { population: 0, heap: 100e6 };
    const applied: number[] = [];
    const part = heapRoom(
      { population: () => state.population, clock },
      { execArgv, heap: () => state.heap, apply: (percent) => void applied.push(percent) },
    );
    return { clock, state, applied, part };
  };

  test('is the growth of the start while people come in, and wide five seconds after', async () => {
    const { clock, state, applied, part } = setUp(['--heap-growing-percent=50']);
    await part.start?.();
    state.population = 1_000;
    await clock.advance(1_000);
    expect(applied).toEqual([256]);
    state.population = 2_000;
    await clock.advance(1_000);
    expect(applied).toEqual([256, 50]);
    await clock.advance(3_000);
    expect(applied).toHaveLength(2);
    await clock.advance(1_000);
    expect(applied).toEqual([256, 50, 256]);
    await part.stop?.();
    state.population = 9_000;
    await clock.advance(5_000);
    expect(applied).toHaveLength(3);
  });

  test('goes by what the last collection kept, not by what has gathered since', async () => {
    const { clock, state, applied, part } = setUp(['--heap-growing-percent=50']);
    await part.start?.();
    await clock.advance(1_000);
    state.heap = 300e6;
    await clock.advance(1_000);
    expect(applied).toEqual([256]);
    state.heap = 128e6;
    await clock.advance(1_000);
    expect(applied).toEqual([256, 200]);
    await part.stop?.();
  });

  test('is left to V8 otherwise', async () => {
    const { clock, applied, part } = setUp([]);
    await part.start?.();
    await clock.advance(5_000);
    expect(applied).toEqual([]);
  });
});

import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../src/kernel/clock.js';
import { growthAtStart, heapRoom, isGrowing, widthFor } from '../../../src/roles/heap-room.js';

describe('how much the heap may grow between collections', () => {
  test('an eighth of the most it may have over what is kept, within bounds', () => {
    expect(widthFor(40e6, 50, 4e9)).toBe(400);
    expect(widthFor(200e6, 50, 4e9)).toBe(250);
    expect(widthFor(200e6, 50, 2e9)).toBe(125);
    expect(widthFor(2e9, 50, 4e9)).toBe(50);
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
      { execArgv, limit: 2_048e6, heap: () => state.heap, apply: (percent) => void applied.push(percent) },
    );
    return { clock, state, applied, part };
  };

  const collect = async ({ clock, state }: ReturnType<typeof setUp>, kept: number): Promise<void> => {
    state.heap = 2 * kept;
    await clock.advance(1_000);
    state.heap = kept;
    await clock.advance(1_000);
  };

  test('is wide once it was collected and nobody had come, by what that kept', async () => {
    const set = setUp(['--heap-growing-percent=50']);
    await set.part.start?.();
    await set.clock.advance(5_000);
    expect(set.applied).toEqual([]);
    await collect(set, 100e6);
    expect(set.applied).toEqual([256]);
    set.state.heap = 250e6;
    await set.clock.advance(1_000);
    expect(set.applied).toEqual([256]);
    await collect(set, 128e6);
    expect(set.applied).toEqual([256, 200]);
    await set.part.stop?.();
    await collect(set, 100e6);
    expect(set.applied).toEqual([256, 200]);
  });

  test('is the growth of the start while people come in, and until the next collection after them', async () => {
    const set = setUp(['--heap-growing-percent=50']);
    await set.part.start?.();
    await collect(set, 100e6);
    set.state.population = 1_000;
    await collect(set, 110e6);
    expect(set.applied).toEqual([256, 50]);
    await set.clock.advance(10_000);
    expect(set.applied).toEqual([256, 50]);
    await collect(set, 128e6);
    expect(set.applied).toEqual([256, 50, 200]);
    await set.part.stop?.();
  });

  test('is the growth of the start again when nothing was collected for five minutes', async () => {
    const set = setUp(['--heap-growing-percent=50']);
    await set.part.start?.();
    await collect(set, 100e6);
    await set.clock.advance(298_000);
    expect(set.applied).toEqual([256]);
    await set.clock.advance(2_000);
    expect(set.applied).toEqual([256, 50]);
    await set.part.stop?.();
  });

  test('is left to V8 otherwise', async () => {
    const { clock, applied, part } = setUp([]);
    await part.start?.();
    await clock.advance(5_000);
    expect(applied).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { FakeClock } from '../../../src/kernel/clock.js';
import { memoryPressure } from '../../../src/roles/memory-pressure.js';

describe('memory pressure', () => {
  it('passivates a quarter of the actors at a time while the heap is nearly full, and none otherwise', async () => {
    const clock = new FakeClock();
    const heap = { used_heap_size: 79, heap_size_limit: 100 };
    const asked: number[] = [];
    const catalog = { size: 10, relieve: (n: number) => asked.push(n) };
    const part = memoryPressure(catalog, clock, pino({ level: 'silent' }), () => heap);
    await part.start?.();
    await clock.advance(4_000);
    expect(asked).toEqual([]);
    heap.used_heap_size = 81;
    await clock.advance(4_000);
    expect(asked).toEqual([3, 3]);
    await part.stop?.();
    await clock.advance(4_000);
    expect(asked).toHaveLength(2);
    await part.start?.();
    await clock.advance(2_000);
    expect(asked).toHaveLength(3);
  });
});

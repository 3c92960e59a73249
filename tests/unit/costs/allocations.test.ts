import { expect, test } from '@jest/globals';
import type { Allocations } from '../../../bench/costs/allocations-process.js';
import { Child } from '../../../bench/processes/child.js';

/** The flags keep the collector at rest, so that what is allocated can be counted. */
const nodeArguments = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'];

test('what a tell, an ask and a write to one more socket allocate stays within bounds', async () => {
  const program = new URL('../../../bench/costs/allocations-process.ts', import.meta.url);
  const child = Child.start(program, 'allocations', { nodeArguments });
  try {
    const { tell, ask, write, collections } = await child.call<Allocations>('measure');
    expect(collections).toBe(0);
    expect(tell).toBeLessThan(1_000);
    expect(ask).toBeLessThan(2_000);
    expect(write).toBeLessThan(100);
  } finally {
    await child.end();
  }
});

import { expect, test } from '@jest/globals';
import { Child } from '../../../bench/processes/child.js';
import { nodeFlags } from '../../../scripts/start/node-flags.js';

const collectionsWhen = async (grows: boolean): Promise<number> => {
  const program = new URL('../../../bench/costs/collections-process.ts', import.meta.url);
  const child = Child.start(program, 'collections', { nodeArguments: nodeFlags() });
  try {
    return await child.call<number>('churn', grows);
  } finally {
    await child.end();
  }
};

test('V8 heeds the room that a node gives its heap: the same garbage is collected half as often when nobody comes in', async () => {
  const [wide, narrow] = [await collectionsWhen(false), await collectionsWhen(true)];
  expect(wide).toBeGreaterThan(0);
  expect(wide).toBeLessThanOrEqual(narrow / 2);
});

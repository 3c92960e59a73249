import { beforeEach, describe, expect, it } from '@jest/globals';
import { Lifecycle, type Part } from '../../../src/kernel/lifecycle.js';

describe('a lifecycle', () => {
  let told: string[];
  let lifecycle: Lifecycle;
  const part = (name: string, over: Partial<Part> = {}): Part => ({
    name,
    start: () => void told.push(`${name} starts`),
    stop: () => void told.push(`${name} stops`),
    ...over,
  });

  beforeEach(() => {
    told = [];
    lifecycle = new Lifecycle((name, error) => told.push(`${name}: ${(error as Error).message}`));
  });

  it('hands out the part itself, and starts and stops it with the others', async () => {
    const first = part('first');
    expect(lifecycle.use(first)).toBe(first);
    lifecycle.add(part('second'));
    await lifecycle.start();
    await lifecycle.start();
    await lifecycle.stop();
    await lifecycle.stop();
    expect(told).toEqual(['first starts', 'second starts', 'second stops', 'first stops']);
  });

  it('stops what was started before a part that cannot start', async () => {
    const fails = () => {
      throw new Error('no port');
    };
    lifecycle
      .add(part('first'))
      .add(part('second', { start: fails }))
      .add(part('third'));
    await expect(lifecycle.start()).rejects.toThrow('no port');
    expect(told).toEqual(['first starts', 'first stops']);
  });

  it('stops every part, though one before it failed to', async () => {
    const fails = () => {
      throw new Error('busy');
    };
    lifecycle.add(part('first')).add(part('second', { stop: fails }));
    await lifecycle.start();
    await lifecycle.stop();
    expect(told).toEqual(['first starts', 'second starts', 'second: busy', 'first stops']);
  });
});

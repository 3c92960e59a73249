import { describe, expect, it } from '@jest/globals';
import { MembersInTurn } from '../../../src/gateway/limits/members-in-turn.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work that ends when it is told, in the order in which it began. */
const setUp = (bounds: { atOnce: number; waiting: number }) => {
  const gate = new MembersInTurn(bounds);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (member: string, name: string): Promise<string> =>
    gate.pass(member, async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.push(resolve));
      return name;
    });
  const endOne = async (): Promise<void> => {
    ends.shift()?.();
    await turn();
  };
  return { gate, begun, ask, endOne };
};

describe('members in turn', () => {
  it('lets a few through at once, and whoever asks for much waits behind their own requests', async () => {
    const { begun, ask, endOne } = setUp({ atOnce: 2, waiting: 100 });
    const all = [...['a1', 'a2', 'a3', 'a4', 'a5'].map((name) => ask('a', name)), ask('b', 'b1'), ask('c', 'c1')];
    await turn();
    expect(begun).toEqual(['a1', 'a2']);
    for (let i = 0; i < 7; i++) await endOne();
    expect(begun).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'a5']);
    expect(await Promise.all(all)).toHaveLength(7);
  });

  it('refuses who finds no place to wait, and gives the place of work that failed to the next', async () => {
    const { gate, begun, ask, endOne } = setUp({ atOnce: 1, waiting: 1 });
    const failing = gate.pass('a', () => Promise.reject(new Error('no')));
    const next = ask('b', 'b1');
    await expect(ask('c', 'c1')).rejects.toMatchObject({ code: 'overloaded' });
    await expect(failing).rejects.toThrow('no');
    await turn();
    expect(begun).toEqual(['b1']);
    await endOne();
    await next;
    const after = ask('d', 'd1');
    await turn();
    await endOne();
    expect(await after).toBe('d1');
  });
});

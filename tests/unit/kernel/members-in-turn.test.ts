import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { MembersInTurn } from '../../../src/kernel/members-in-turn.js';

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

/** The same by looking at everybody each time: what gets its turn, and what finds or keeps no place. */
class PlainTurns {
  readonly begun: string[] = [];
  readonly refused: string[] = [];
  readonly #waiting = new Map<string, string[]>();
  readonly #bounds: { atOnce: number; waiting: number };
  #underWay = 0;

  constructor(bounds: { atOnce: number; waiting: number }) {
    this.#bounds = bounds;
  }

  ask(member: string, name: string): void {
    if (this.#underWay < this.#bounds.atOnce) {
      this.#underWay++;
      this.begun.push(name);
      return;
    }
    const own = this.#waiting.get(member) ?? [];
    const all = [...this.#waiting.values()];
    if (all.flat().length >= this.#bounds.waiting) {
      const most = Math.max(0, ...all.map(({ length }) => length));
      const isTooMany = most < own.length + 2;
      this.refused.push(isTooMany ? name : all.find(({ length }) => length === most)!.pop()!);
      if (isTooMany) return;
    }
    this.#waiting.set(member, own);
    own.push(name);
  }

  endOne(): void {
    const [first] = this.#waiting;
    if (!first) {
      this.#underWay = Math.max(0, this.#underWay - 1);
      return;
    }
    const [member, own] = first;
    this.begun.push(own.shift()!);
    this.#waiting.delete(member);
    if (own.length > 0) this.#waiting.set(member, own);
  }
}

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

  it('keeps places for others: who holds the most gives up the newest, and equals do not drive each other out', async () => {
    const { begun, ask, endOne } = setUp({ atOnce: 1, waiting: 4 });
    const ends = ['a0', 'a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'c1', 'a5'].map((name) =>
      ask(name.charAt(0), name).catch(({ code }: { code: string }) => code),
    );
    for (let i = 0; i < 5; i++) await endOne();
    expect(begun).toEqual(['a0', 'a1', 'b1', 'c1', 'b2']);
    expect(await Promise.all(ends)).toEqual([
      ...['a0', 'a1', 'overloaded', 'overloaded', 'overloaded'],
      ...['b1', 'b2', 'overloaded', 'c1', 'overloaded'],
    ]);
  });

  it('whoever comes alone gets a place, however many places however few others have taken', async () => {
    for (const crowd of [1, 2, 18, 400]) {
      const { begun, ask, endOne } = setUp({ atOnce: 4, waiting: 1_000 });
      const theirs = Array.from({ length: 1_100 }, (_, i) => ask(`m${i % crowd}`, 'theirs').catch(() => 'refused'));
      const own = ask('alone', 'own');
      for (let i = 0; i <= 1_004; i++) await endOne();
      expect(await own).toBe('own');
      expect(begun).toHaveLength(1_004);
      expect((await Promise.all(theirs)).filter((end) => end === 'refused')).toHaveLength(97);
    }
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

  it('an arrival walks past nobody who waits when all places are taken', async () => {
    const { begun, ask, endOne } = setUp({ atOnce: 1, waiting: 10_000 });
    const all = Array.from({ length: 10_001 }, (_, i) => ask(`m${i % 5_000}`, `${i}`).catch(() => 'refused'));
    let steps = 0;
    const { values } = Map.prototype;
    const spy = jest.spyOn(Map.prototype, 'values').mockImplementation(function* (this: Map<unknown, unknown>) {
      for (const value of values.call(this)) {
        steps++;
        yield value;
      }
      return undefined;
    });
    all.push(...Array.from({ length: 100 }, (_, i) => ask(`other ${i}`, `other ${i}`)));
    spy.mockRestore();
    expect(steps).toBe(0);
    for (let i = 0; i <= 10_000; i++) await endOne();
    expect((await Promise.all(all)).filter((end) => end === 'refused')).toHaveLength(100);
    expect(begun.filter((name) => name.startsWith('other'))).toHaveLength(100);
  });

  it('whoever asks and whatever ends: the same turns and refusals as by looking at everybody each time', async () => {
    const step = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e') }, { weight: 1, arbitrary: fc.constant(null) });
    const bounds = fc.record({ atOnce: fc.integer({ min: 1, max: 2 }), waiting: fc.integer({ min: 0, max: 9 }) });
    await fc.assert(
      fc.asyncProperty(bounds, fc.array(step, { maxLength: 80 }), async (within, steps) => {
        const { begun, ask, endOne } = setUp(within);
        const plain = new PlainTurns(within);
        const refused: string[] = [];
        for (const [i, member] of steps.entries()) {
          if (member === null) {
            plain.endOne();
            await endOne();
          } else {
            plain.ask(member, `${member}${i}`);
            void ask(member, `${member}${i}`).catch(() => refused.push(`${member}${i}`));
            await turn();
          }
          expect({ begun, refused }).toEqual({ begun: plain.begun, refused: plain.refused });
        }
      }),
      { numRuns: 100 },
    );
  });
});

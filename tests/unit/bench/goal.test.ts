import { describe, expect, test } from '@jest/globals';
import { Comparison } from '../../../bench/suite/comparison.js';
import { goalText, holds, rowOf } from '../../../bench/suite/goal.js';

const measured = { id: 1, name: 'w', unit: 'x/s' };

describe('a goal', () => {
  test('bounds the ratio from either side', () => {
    expect(holds({ atLeast: 1.5 }, 10, 1.5)).toBe(true);
    expect(holds({ atLeast: 1.5 }, 10, 1.49)).toBe(false);
    expect(holds({ atMost: 0.25 }, 10, 0.25)).toBe(true);
    expect(holds({ atMost: 0.25 }, 10, 0.26)).toBe(false);
  });

  test('or our figure itself', () => {
    expect(holds({ atMost: 1.5, of: 'figure' }, 1.2, 9)).toBe(true);
    expect(goalText({ atMost: 1.5, of: 'figure' })).toBe('≤ 1.5 itself');
  });

  test('is not held by what could not be measured', () => {
    expect(holds({ atMost: 1 }, null, null)).toBe(false);
    expect(holds({ atMost: 1 }, 0, Number.NaN)).toBe(false);
  });
});

describe('a row', () => {
  test('has the ratio to the peer', () => {
    expect(rowOf({ ...measured, figure: 30, peer: 20, goal: { atLeast: 1.5 }, notes: ['a', null, '', 'b'] })).toEqual({
      ...measured,
      ...{ figure: 30, peer: 20, ratio: 1.5, goal: '≥ 1.5', held: true, note: 'a; b' },
    });
  });

  test('without a goal is neither held nor missed', () => {
    expect(rowOf({ ...measured, figure: 30, peer: null })).toMatchObject({ ratio: null, goal: null, held: null, note: '' });
  });

  test('with a violation counts for nothing, however good its figure', () => {
    expect(
      rowOf({ ...measured, figure: 1_000, peer: 1, goal: { atLeast: 1 }, violations: ['1 hole', '2 duplicates'], notes: ['a'] }),
    ).toMatchObject({
      ...{ figure: null, peer: 1, ratio: null, held: false },
      note: 'counts for nothing: 1 hole, 2 duplicates; a',
    });
  });
});

describe('peer, ourselves, peer', () => {
  const take = (x: number | null, violations: string[] = [], notes: string[] = []) => ({ figures: { x }, violations, notes });

  test('runs in this order, against the middle of the peer', async () => {
    const order: string[] = [];
    const comparison = await Comparison.run(
      async () => {
        order.push('peer');
        return take(order.length === 1 ? 100 : 104);
      },
      async () => {
        order.push('ours');
        return take(204);
      },
    );
    expect(order).toEqual(['peer', 'ours', 'peer']);
    expect(comparison.of('x')).toEqual({ figure: 204, peer: 102, spread: null });
    expect(comparison.of('y')).toEqual({ figure: null, peer: null, spread: null });
  });

  test('in more turns, by the medians of both', async () => {
    const played: string[] = [];
    const next = (name: string, values: number[]) => async () => {
      played.push(name);
      return take(values.shift()!);
    };
    const comparison = await Comparison.run(next('peer', [100, 300, 104]), next('ours', [200, 206]), 2);
    expect(played).toEqual(['peer', 'ours', 'peer', 'ours', 'peer']);
    expect(comparison.of('x')).toEqual({ figure: 203, peer: 104, spread: "the peer's 3 takes are 100 % apart" });
  });

  test('takes of ours that differ are noted, and one that failed counts', () => {
    const peers = [take(1), take(1)];
    expect(new Comparison(peers, take(90), take(110)).of('x').spread).toBe('our 2 takes are 20 % apart');
    expect(new Comparison(peers, take(90), take(null)).of('x').figure).toBeNull();
    expect(new Comparison(peers, take(1), take(1, ['1 hole'])).violations).toEqual(['1 hole']);
  });

  test('notes a peer that drifted or faltered, and counts only our violations', () => {
    const comparison = new Comparison([take(90, ['1 hole']), take(110, [], ['b'])], take(1, [], ['a', 'b']));
    expect(comparison.of('x').spread).toBe("the peer's 2 takes are 20 % apart");
    expect(comparison.notes).toEqual(['a', 'b', 'the peer faltered: 1 hole']);
    expect(comparison.violations).toEqual([]);
    expect(new Comparison([take(1), take(1)], take(1, ['1 hole'])).violations).toEqual(['1 hole']);
  });
});

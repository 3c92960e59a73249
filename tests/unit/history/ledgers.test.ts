import { describe, expect, it } from '@jest/globals';
import { check } from '../../../proof/history/check.js';
import type { Entry, Final } from '../../../proof/history/history.js';
import { itemsFrom, sumOfItems } from '../../../proof/history/ledger-sum.js';

const ledger = 'me:a';
const put = (key: string, value: unknown) => ({ kind: 'setting', key, value });
const commits = [
  { rev: 1, op_id: 'x', changes: [put('k', 'one')] },
  { rev: 2, op_id: null, changes: [put('l', 'two'), { kind: 'notification', key: 'n', value: 1 }] },
  { rev: 3, op_id: null, changes: [{ kind: 'setting', key: 'k', deleted: true as const }] },
];
const quiet = { messages: [], cursors: [], notifications: [], presence: [], gauges: [], defects: [], removalBoundMs: 0 };
const violated = (entries: Entry[], final: Partial<Final> = { ledgers: [{ ledger, commits }] }): [number, string][] =>
  check({ title: 'ledgers', entries, final: { ...quiet, ...final } }).violations.map(({ invariant, what }) => [invariant, what]);
const knows = (rev: number, ...items: { kind: string; key: string; value: unknown }[]): Entry => ({
  ...{ kind: 'ledger', at: rev, client: 'd', member: 'a', ledger, rev },
  sum: sumOfItems(itemsFrom(items)),
});
const asked = (value: string): Entry[] => [
  { kind: 'call', at: 1, op: 1, client: 'd', member: 'a', act: { do: 'put_setting', key: 'k', value } },
  { kind: 'answer', at: 2, op: 1, outcome: 'ok' },
];

describe('ledgers of a history', () => {
  it('are sound where everybody knows what the commits leave, of windowed kinds what they may', () => {
    const all = [knows(0), knows(1, put('k', 'one')), knows(2, put('l', 'two'), put('k', 'one')), knows(3, put('l', 'two'))];
    expect(violated([...all, ...asked('one')])).toEqual([]);
    expect(violated([knows(0)], { ledgers: [] })).toEqual([]);
  });

  it.each([
    ['something is missing', [knows(2, put('k', 'one'))], 'knows 1 items'],
    ['something has come below what was known', [knows(1)], 'knows 0 items'],
    ['something is known that was deleted', [knows(3, put('l', 'two'), put('k', 'one'))], 'knows 2 items'],
    ['more is known than there is', [knows(4)], 'which ends at 3'],
    ['what was acknowledged is not there', asked('other'), 'never committed'],
  ])('are not where %s', (_, entries, what) => {
    expect(violated(entries)).toEqual([[18, expect.stringContaining(what)]]);
  });

  it('are not where numbers are missing, or an attempt was committed twice', () => {
    const again = [...commits.slice(0, 2), { rev: 4, op_id: 'x', changes: [] }];
    expect(violated([], { ledgers: [{ ledger, commits: again }] }).map(([number]) => number)).toEqual([18, 18]);
  });

  it('are not where a copy is other than its source', () => {
    const copy = { ledger, kind: 'membership', key: 'c' };
    const of = (item: string | null, source: string | null) => violated([], { copies: [{ ...copy, item, source }] });
    expect([of('1', '1'), of(null, null)]).toEqual([[], []]);
    expect([of('1', '2'), of(null, '2'), of('1', null)].map((found) => found.map(([number]) => number))).toEqual([[19], [19], [19]]);
  });
});

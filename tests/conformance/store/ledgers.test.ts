import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LedgerChange, LedgerCommit, LedgerItemRecord } from '../../../src/store/contracts.js';
import { backends, type OpenStore } from './backends.js';
import { anId } from './records.js';

const then = Date.UTC(2026, 0, 2);
const put = (kind: string, key: string, value: unknown): LedgerChange => ({ kind, key, value });

const aCommit = (fields: Partial<LedgerCommit> & { ledger: string; rev: number }): LedgerCommit => ({
  id: anId(),
  epoch: 1,
  at: then + fields.rev,
  by: anId(),
  operation: 'put_setting',
  op_id: null,
  changes: [put('setting', 'theme', 'dark')],
  ...fields,
});

const aName = (): string => `me:${anId()}`;
const item = (ledger: string, rev: number, key: string, value?: unknown, kind = 'setting'): LedgerItemRecord =>
  value === undefined ? { ledger, kind, key, rev } : { ledger, kind, key, rev, value };

describe.each(backends)('ledgers in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const ledgers = () => opened.store.ledgers;

  test('a commit comes back as it was made, whatever keys its values have', async () => {
    const ledger = aName();
    const odd = { $set: 1, 'a.b': [null, { __proto__x: 'y' }], '': '\u0000 and 𝄞' };
    const full = aCommit({
      ledger,
      rev: 1,
      op_id: 'x-1',
      changes: [put('setting', 'odd', odd), { kind: 'saved', key: 'k', deleted: true }],
    });
    const bare = aCommit({ ledger, rev: 2, by: null });
    expect(await ledgers().append([full, bare])).toEqual(['stored', 'stored']);
    expect(await ledgers().commitsAfter(ledger, 0, 10)).toEqual([full, bare]);
    expect(await ledgers().commitsAfter(ledger, 1, 10)).toEqual([bare]);
    expect(await ledgers().commitsAfter(ledger, 0, 1)).toEqual([full]);
    expect(await ledgers().byOperation(ledger, 'x-1')).toEqual(full);
    expect(await ledgers().byOperation(ledger, 'x-2')).toBeNull();
    expect(await ledgers().madeAt(ledger, 2)).toBe(then + 2);
    expect(await ledgers().madeAt(ledger, 3)).toBeNull();
  });

  test('one has a rev, one has an op_id; the same commit again is stored, and each of many has its own outcome', async () => {
    const [ledger, other] = [aName(), aName()];
    const first = aCommit({ ledger, rev: 1, op_id: 'once' });
    expect(await ledgers().append([first])).toEqual(['stored']);
    expect(await ledgers().append([first])).toEqual(['stored']);
    const fresh = aCommit({ ledger, rev: 3 });
    const outcomes = await ledgers().append([
      aCommit({ ledger, rev: 1 }),
      aCommit({ ledger, rev: 2, op_id: 'once' }),
      first,
      fresh,
      aCommit({ ledger: other, rev: 1, op_id: 'once' }),
    ]);
    expect(outcomes).toEqual(['taken', 'taken', 'stored', 'stored', 'stored']);
    expect((await ledgers().commitsAfter(ledger, 0, 10)).map(({ id }) => id)).toEqual([first.id, fresh.id]);
    const racing = Array.from({ length: 20 }, () => aCommit({ ledger: other, rev: 2 }));
    const raced = await Promise.all(racing.map(async (commit) => (await ledgers().append([commit]))[0]));
    expect(raced.filter((outcome) => outcome === 'stored')).toHaveLength(1);
  });

  test('edges say how far it reaches', async () => {
    const ledger = aName();
    expect(await ledgers().edges(ledger)).toEqual({ head: 0, floor: 0, projected: 0 });
    await ledgers().append([1, 2, 3].map((rev) => aCommit({ ledger, rev })));
    await ledgers().project(ledger, 2, []);
    expect(await ledgers().edges(ledger)).toEqual({ head: 3, floor: 0, projected: 2 });
    await ledgers().project(ledger, 1, []);
    expect((await ledgers().edges(ledger)).projected).toBe(2);
  });

  test('an item keeps its newest rev, in whatever order it is stored', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 1 }), fc.boolean(), async (revs, together) => {
        const ledger = aName();
        const stored = revs.map((rev) => item(ledger, rev, 'k', rev % 3 === 0 ? undefined : { rev }));
        if (together) await Promise.all(stored.map((one) => ledgers().project(ledger, one.rev, [one])));
        else for (const one of stored) await ledgers().project(ledger, one.rev, [one]);
        const newest = stored.find(({ rev }) => rev === Math.max(...revs));
        expect(await ledgers().item(ledger, 'setting', 'k')).toEqual(newest);
        expect((await ledgers().edges(ledger)).projected).toBe(Math.max(...revs));
      }),
      { numRuns: 15 },
    );
  });

  test('items are listed by rev with deleted ones, and by kind and key without', async () => {
    const [ledger, beside] = [aName(), aName()];
    await ledgers().project(beside, 9, [item(beside, 9, 'elsewhere', 1)]);
    const items = [
      item(ledger, 1, 'b', 1),
      item(ledger, 2, 'a', [2]),
      item(ledger, 3, 'gone'),
      item(ledger, 3, 'x', 'saved', 'saved'),
      item(ledger, 4, 'a', null, 'settings'),
    ];
    await ledgers().project(ledger, 4, items);
    const [b, a, gone, saved, later] = items;
    expect(await ledgers().changedAfter(ledger, 0, 2)).toEqual([b, a]);
    const after = await ledgers().changedAfter(ledger, 2, 10);
    expect(after).toHaveLength(3);
    expect(after).toEqual(expect.arrayContaining([gone, saved, later]));
    expect(await ledgers().living(ledger, null, 10)).toEqual([saved, a, b, later]);
    expect(await ledgers().living(ledger, { kind: 'setting', key: 'a' }, 10)).toEqual([b, later]);
    expect(await ledgers().living(ledger, null, 1)).toEqual([saved]);
    expect(await ledgers().living(ledger, null, 10, 'setting')).toEqual([saved]);
    expect(await ledgers().living(ledger, { kind: 'saved', key: 'zz' }, 10, 'setting')).toEqual([]);
    expect(await ledgers().living(ledger, null, 10, 'settings')).toEqual([saved, a, b]);
    expect(await ledgers().newest(ledger, 'setting', null, 10)).toEqual([a, b]);
    expect(await ledgers().newest(ledger, 'setting', null, 1)).toEqual([a]);
    expect(await ledgers().newest(ledger, 'setting', 2, 10)).toEqual([b]);
    expect(await ledgers().newest(ledger, 'sett', null, 10)).toEqual([]);
    expect(await ledgers().ofKind(ledger, 'setting', null, 10)).toEqual([a, b]);
    expect(await ledgers().ofKind(ledger, 'setting', 'a', 10)).toEqual([b]);
    expect(await ledgers().ofKind(ledger, 'sett', null, 10)).toEqual([]);
    expect(await ledgers().item(ledger, 'setting', 'gone')).toEqual(gone);
    expect(await ledgers().item(ledger, 'setting', 'never')).toBeNull();
    const named = await ledgers().named([a!, saved!, gone!, item(beside, 0, 'elsewhere'), item(beside, 0, 'b'), item(aName(), 0, 'a')]);
    expect(named).toHaveLength(3);
    expect(named).toEqual(expect.arrayContaining([a, saved, item(beside, 9, 'elsewhere', 1)]));
    expect(await ledgers().named([])).toEqual([]);
  });

  test('what is dropped goes with its tombstones, and the newest commit stays', async () => {
    const ledger = aName();
    await ledgers().append([1, 2, 3, 4].map((rev) => aCommit({ ledger, rev })));
    await ledgers().project(ledger, 4, [item(ledger, 1, 'stays', 1), item(ledger, 2, 'gone'), item(ledger, 3, 'gone too')]);
    expect(await ledgers().drop(ledger, 2)).toBe(2);
    expect(await ledgers().edges(ledger)).toEqual({ head: 4, floor: 2, projected: 4 });
    expect((await ledgers().changedAfter(ledger, 0, 10)).map(({ key }) => key)).toEqual(['stays', 'gone too']);
    expect(await ledgers().drop(ledger, 2)).toBe(2);
    expect(await ledgers().drop(ledger, 9)).toBe(3);
    expect(await ledgers().edges(ledger)).toEqual({ head: 4, floor: 3, projected: 4 });
    expect((await ledgers().commitsAfter(ledger, 0, 10)).map(({ rev }) => rev)).toEqual([4]);
    expect(await ledgers().drop(aName(), 5)).toBe(0);
  });
});

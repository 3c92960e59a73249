import type { LiveItem } from '../../../src/client/ledgers/items.js';
import type { LedgerDelta, LedgerMark } from '../../../src/client/ledgers/ledger-delta.js';
import type { LedgerStore, StoreBounds } from '../../../src/client/ledgers/ledger-store.js';

/** What every store must hold to. Free of Node and of the test runner, so that a browser can run it too. */

const history = 'a'.repeat(24);
export const setting = (key: string, rev: number, value: unknown = rev): LiveItem => ({ kind: 'setting', key, rev, value }) as LiveItem;

export const whole = (ledger: string, rev: number, put: LiveItem[]): LedgerDelta => ({
  ledger,
  after: null,
  rev,
  history,
  put,
  removed: [],
});

export const delta = (ledger: string, after: number | LedgerMark, rev: number, put: LiveItem[], removed: string[] = []): LedgerDelta => ({
  ledger,
  after: typeof after === 'number' ? { rev: after, history } : after,
  rev,
  history,
  put,
  removed: removed.map((key) => ({ kind: 'setting', key })),
});

export const same = (actual: unknown, expected: unknown): void => {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`it is ${is} and should be ${should}`);
};

/** Keys with their revs, in order; null when there is nothing. */
export const held = async (store: LedgerStore, ledger: string): Promise<unknown> => {
  const stored = await store.load(ledger);
  if (!stored) return null;
  return [stored.rev, ...stored.items.map(({ key, rev }) => `${key}${rev}`).sort()];
};

/** Answers an empty store that has not been there before. */
export type OpenStore = (bounds?: StoreBounds) => LedgerStore;

export const storeCases: Record<string, (open: OpenStore) => Promise<void>> = {
  'has nothing at first': async (open) => {
    same(await open().load('me'), null);
  },

  'gives back what was saved, with all that stands in items': async (open) => {
    const store = open();
    const odd = { kind: '', key: 'ключ/"\u0000', rev: 3, value: { deep: [null, { $a: '.' }] }, colour: 'red' } as LiveItem;
    same(await store.save(whole('me', 3, [odd])), true);
    same(await store.load('me'), { rev: 3, history, items: [odd] });
  },

  'goes on from what it holds, and from nothing else': async (open) => {
    const store = open();
    same(await store.save(delta('me', 1, 2, [setting('a', 2)])), false);
    same(await held(store, 'me'), null);
    await store.save(whole('me', 2, [setting('a', 1), setting('b', 2)]));
    same(await store.save(delta('me', 2, 4, [setting('c', 3)], ['a', 'never'])), true);
    same(await held(store, 'me'), [4, 'b2', 'c3']);
    for (const after of [2, 3, 5, { rev: 4, history: 'b'.repeat(24) }])
      same(await store.save(delta('me', after, 6, [setting('d', 6)], ['b'])), false);
    same(await held(store, 'me'), [4, 'b2', 'c3']);
    same(await store.save(whole('me', 9, [setting('z', 9)])), true);
    same(await held(store, 'me'), [9, 'z9']);
  },

  'carries out calls in their order': async (open) => {
    const store = open();
    const all = [
      store.save(whole('me', 1, [setting('a', 1)])),
      store.save(delta('me', 1, 2, [setting('b', 2)])),
      held(store, 'me'),
      store.drop('me'),
      held(store, 'me'),
      store.save(whole('me', 3, [setting('c', 3)])),
      store.dropAll(),
      held(store, 'me'),
      store.save(delta('me', 3, 4, [])),
      store.save(whole('me', 5, [])),
      held(store, 'me'),
    ];
    same(await Promise.all(all), [true, true, [2, 'a1', 'b2'], null, null, true, null, null, false, true, [5]]);
  },

  'keeps ledgers apart whose names begin alike': async (open) => {
    const store = open();
    const names = ['community:1', 'community:1:post', 'community:12', 'community:'];
    for (const [n, name] of names.entries()) await store.save(whole(name, n, [setting('a', n)]));
    await store.drop('community:1');
    const after = await Promise.all(names.map((name) => held(store, name)));
    same(after, [null, [1, 'a1'], [2, 'a2'], [3, 'a3']]);
  },

  'drops whole ledgers beyond its bounds, those first that were used longest ago': async (open) => {
    const store = open({ ledgers: 3, items: 4 });
    for (const name of ['a', 'b', 'c']) await store.save(whole(name, 1, [setting('x', 1)]));
    await store.load('a');
    await store.save(whole('d', 1, [setting('x', 1)]));
    same(await Promise.all(['a', 'b', 'c', 'd'].map((name) => held(store, name))), [[1, 'x1'], null, [1, 'x1'], [1, 'x1']]);
    await store.save(delta('c', 1, 2, [setting('y', 2), setting('z', 2)]));
    same(await Promise.all(['a', 'c', 'd'].map((name) => held(store, name))), [null, [2, 'x1', 'y2', 'z2'], [1, 'x1']]);
    const many = Array.from({ length: 9 }, (_, n) => setting(`${n}`, n));
    same(await store.save(whole('e', 9, many)), true);
    same(await Promise.all(['c', 'd'].map((name) => held(store, name))), [null, null]);
    same((await store.load('e'))?.items.length, 9);
  },
};

import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { IDBFactory, IDBKeyRange, IDBObjectStore } from 'fake-indexeddb';
import { IndexedLedgerStore } from '../../../src/client/ledgers/indexed-store.js';
import { MemoryLedgerStore, type StoreBounds } from '../../../src/client/ledgers/ledger-store.js';
import { delta, held, type OpenStore, setting, storeCases, whole } from './store-cases.js';

beforeAll(() => {
  globalThis.IDBKeyRange ??= IDBKeyRange;
});
afterEach(() => {
  jest.restoreAllMocks();
});

const inMemory: OpenStore = (bounds) => new MemoryLedgerStore(bounds);
const indexed = (bounds?: StoreBounds, factory: globalThis.IDBFactory = new IDBFactory()): IndexedLedgerStore =>
  new IndexedLedgerStore('1', factory, bounds);

describe.each<[string, OpenStore]>([
  ['in memory', inMemory],
  ['in IndexedDB', indexed],
])('a store of ledgers %s', (_, open) => {
  it.each(Object.entries(storeCases))('%s', async (_, run) => run(open));
});

describe('a store of ledgers in IndexedDB', () => {
  it('outlives the client, and is each member’s own', async () => {
    const factory = new IDBFactory();
    await indexed(undefined, factory).save(whole('me', 1, [setting('a', 1)]));
    expect(await held(indexed(undefined, factory), 'me')).toEqual([1, 'a1']);
    expect(await held(new IndexedLedgerStore('2', factory), 'me')).toBeNull();
  });

  it('leaves the whole older state when a write breaks off in the middle', async () => {
    const store = indexed();
    await store.save(whole('me', 2, [setting('a', 1), setting('b', 2)]));
    const broken = delta('me', 2, 4, [setting('a', 3), setting('b', 4, () => 'cannot be kept')]);
    await expect(store.save(broken)).rejects.toMatchObject({ name: 'DataCloneError' });
    expect(await held(store, 'me')).toEqual([2, 'a1', 'b2']);
    expect(await store.save(delta('me', 2, 5, [setting('c', 5)], ['a']))).toBe(true);
    expect(await held(store, 'me')).toEqual([5, 'b2', 'c5']);
  });

  it('makes room when there is none, by whole ledgers, and fails when none is left to go', async () => {
    const store = indexed();
    for (const name of ['a', 'b', 'c']) await store.save(whole(name, 1, [setting('x', 1)]));
    const put = IDBObjectStore.prototype.put;
    let full = 2;
    jest.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
      if (this.name === 'items' && full-- > 0) throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, args);
    });
    expect(await store.save(delta('c', 1, 2, [setting('y', 2)]))).toBe(true);
    expect(await Promise.all(['a', 'b', 'c'].map((name) => held(store, name)))).toEqual([null, null, [2, 'x1', 'y2']]);
    full = Number.POSITIVE_INFINITY;
    await expect(store.save(delta('c', 2, 3, [setting('z', 3)]))).rejects.toMatchObject({ name: 'QuotaExceededError' });
    expect(await held(store, 'c')).toEqual([2, 'x1', 'y2']);
  });

  it('lets another tab drop everything, and then keeps nothing on top of what is gone', async () => {
    const factory = new IDBFactory();
    const [one, two] = [indexed(undefined, factory), indexed(undefined, factory)];
    await one.save(whole('me', 1, [setting('a', 1)]));
    await two.dropAll();
    expect(await one.save(delta('me', 1, 2, [setting('b', 2)]))).toBe(false);
    expect(await one.save(whole('me', 2, [setting('b', 2)]))).toBe(true);
    expect(await held(two, 'me')).toEqual([2, 'b2']);
  });

  it('takes what is not of its form for nothing', async () => {
    const factory = new IDBFactory();
    const store = indexed(undefined, factory);
    await store.save(whole('me', 1, []));
    const request = factory.open(store.name);
    await new Promise((resolve) => {
      request.onsuccess = resolve;
    });
    const transaction = request.result.transaction('heads', 'readwrite');
    transaction.objectStore('heads').put({ ledger: 'me', rev: 'one' });
    await new Promise((resolve) => {
      transaction.oncomplete = resolve;
    });
    request.result.close();
    expect(await store.load('me')).toBeNull();
    expect(await store.save(whole('me', 2, [setting('a', 2)]))).toBe(true);
    expect(await held(store, 'me')).toEqual([2, 'a2']);
  });
});

import { expect, it } from '@jest/globals';
import { Search } from '../../../src/features/search/search.js';
import { systemClock } from '../../../src/kernel/clock.js';
import type { Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';

it('few searches are under way at once on a node, members in turn, and those beyond the bound are refused', async () => {
  const store = createMemoryStore({ clock: systemClock });
  let underWay = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const search = new Proxy(store.search, {
    get: (target, name) =>
      name === 'find'
        ? async () => {
            most = Math.max(most, ++underWay);
            await new Promise<void>((resolve) => ends.push(resolve));
            underWay--;
            return { hits: [], next: null };
          }
        : Reflect.get(target, name),
  });
  const actors = { ask: () => Promise.reject(new Error('nobody asks')), tell: () => undefined };
  const operations = new Search({ store: { ...store, search } as Store, actors: actors as never, clock: systemClock });
  const caller = (n: number) => ({ member_id: n.toString(16).padStart(24, '0') }) as never;
  const asked = Array.from({ length: 1_004 }, (_, n) =>
    n % 2 ? operations.messages(caller(n % 7), { q: 'word' }) : operations.threads(caller(n % 7), { q: 'word' }),
  );
  await expect(operations.messages(caller(1), { q: 'word' })).rejects.toMatchObject({ code: 'overloaded' });
  const all = Promise.all(asked);
  let isOver = false;
  void all.then(() => {
    isOver = true;
  });
  while (!isOver) {
    ends.shift()?.();
    await new Promise(setImmediate);
  }
  expect((await all).every(({ items }) => items.length === 0)).toBe(true);
  expect(most).toBe(4);
});

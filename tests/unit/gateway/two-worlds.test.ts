import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock } from '../../../src/kernel/clock.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { askEverything, type Plan, type Said, type Standing, settle, words, worldOf } from './two-worlds.js';

const standings: Standing[] = ['member', 'member', 'open', 'left', 'banned', 'outside', 'outside'];
const isHidden = (standing: Standing): boolean => standing === 'left' || standing === 'banned' || standing === 'outside';

const text = fc
  .array(fc.constantFrom(...words, 'other', 'whalebone', 'planktonic'), { minLength: 1, maxLength: 5 })
  .map((list) => list.join(' '));
const said = (community: fc.Arbitrary<number>): fc.Arbitrary<Said> =>
  fc.record({ community, thread: fc.nat({ max: 1 }), by: fc.constantFrom('author', 'author', 'asker', 'other'), text });
const plans: fc.Arbitrary<Plan> = fc
  .array(said(fc.nat({ max: standings.length - 1 })), { minLength: 1, maxLength: 60 })
  .map((list) => ({ communities: standings, said: list }));
const limits = fc.integer({ min: 1, max: 7 });

const built = async (plan: Plan, isLeftOut: (standing: Standing) => boolean) => {
  const store = createMemoryStore({ clock: new FakeClock() });
  return { store, world: await worldOf(store, 1, plan, isLeftOut) };
};

test('worlds that differ in hidden communities alone answer alike, and cost the store the same', async () => {
  await fc.assert(
    fc.asyncProperty(plans, limits, async (plan, limit) => {
      const [with_, without] = [await built(plan, () => false), await built(plan, isHidden)];
      const [one, two] = [await askEverything(with_.world, limit), await askEverything(without.world, limit)];
      expect(one).toEqual(two);
      await Promise.all([with_.world.stop(), without.world.stop()]);
    }),
    { numRuns: 40 },
  );
});

test('worlds that differ in closed threads alone answer alike to who may not view them, and cost the store the same', async () => {
  const insiders: Standing[] = ['member', 'member', 'open'];
  const some = fc.array(
    fc.record({ community: fc.nat({ max: 2 }), thread: fc.nat({ max: 2 }), by: fc.constantFrom('author', 'other'), text }),
    {
      minLength: 1,
      maxLength: 40,
    },
  ) as fc.Arbitrary<Said[]>;
  const closed = fc.constantFrom<NonNullable<Plan['closed']>>('to all but the author', 'to the asker');
  await fc.assert(
    fc.asyncProperty(some, closed, limits, async (said, closed, limit) => {
      // A stranger sees what everyone does: what is closed to one member alone is open to strangers.
      const communities = closed === 'to the asker' ? insiders.slice(0, 2) : insiders;
      const plan: Plan = { communities, said: said.filter(({ community }) => community < communities.length) };
      const [with_, without] = [await built({ ...plan, closed }, () => false), await built(plan, () => false)];
      const [one, two] = [await askEverything(with_.world, limit), await askEverything(without.world, limit)];
      expect(one).toEqual(two);
      await Promise.all([with_.world.stop(), without.world.stop()]);
    }),
    { numRuns: 40 },
  );
});

test('the same of more than 300 communities, whatever happened last in their closed threads', async () => {
  const communities = Array.from({ length: 310 }, (): Standing => 'member');
  const said = communities.map((_, community): Said => ({ community, thread: 0, by: 'author', text: 'whale' }));
  const worlds = [
    await built({ communities, said, closed: 'to all but the author' }, () => false),
    await built({ communities, said }, () => false),
  ];
  const told: unknown[] = [];
  for (const { store, world } of worlds) {
    const at = (n: number): number => 1_650_000_000_000 + ((n * 7) % 310);
    for (const n of communities.keys()) await store.threads.update(world.thread(n, 0), { last_activity: at(n) });
    told.push(await askEverything(world, 100));
    await world.stop();
  }
  expect(told[0]).toEqual(told[1]);
});

test('worlds that differ in what texts said before they were edited or deleted answer alike, whatever the index still knows', async () => {
  const change = fc.record({ was: text, other: text, gone: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(plans, fc.array(fc.option(change), { maxLength: 60 }), limits, async (plan, changes, limit) => {
      const of = (which: 'was' | 'other'): Plan => ({
        ...plan,
        said: plan.said.map((one, at) => {
          const changed = changes[at];
          return changed ? { ...one, was: changed[which], gone: changed.gone } : one;
        }),
      });
      // A text that the index does not know yet by its present words is found once it does: until then both worlds must lack it alike.
      const never = (plan: Plan): Plan => ({
        ...plan,
        said: plan.said.map((one) => (one.was === undefined ? one : { ...one, text: 'other' })),
      });
      const [first, second] = [await built(never(of('was')), () => false), await built(never(of('other')), () => false)];
      const [one, two] = [await askEverything(first.world, limit), await askEverything(second.world, limit)];
      expect(one.answers).toEqual(two.answers);
      await settle(first.store, first.world, plan);
      await settle(second.store, second.world, plan);
      expect(await askEverything(first.world, limit)).toEqual(await askEverything(second.world, limit));
      await Promise.all([first.world.stop(), second.world.stop()]);
    }),
    { numRuns: 30 },
  );
});

test('the same where more match than are ranked, and the index knows even more by words that are gone', async () => {
  const of = (was: string): Plan => ({
    communities: ['member'],
    said: Array.from({ length: 900 }, (_, at) => {
      const one: Said = { community: 0, thread: at % 2, by: 'author', text: at % 5 === 0 ? 'other' : 'whale' };
      return at % 5 === 0 ? { ...one, was } : one;
    }),
  });
  const [first, second] = [await built(of('whale'), () => false), await built(of('krill'), () => false)];
  const [one, two] = [await askEverything(first.world, 100), await askEverything(second.world, 100)];
  expect(one.answers).toEqual(two.answers);
  await Promise.all([first.world.stop(), second.world.stop()]);
});

test('what is asked for bounds the reads: one message of an author who wrote thousands elsewhere', async () => {
  const elsewhere: Said[] = Array.from({ length: 3_000 }, (_, at) => ({ community: 5, thread: at % 2, by: 'author', text: 'whale' }));
  const here: Said[] = [
    { community: 0, thread: 0, by: 'author', text: 'whale' },
    { community: 2, thread: 1, by: 'author', text: 'krill' },
  ];
  const { world } = await built({ communities: standings, said: [...here, ...elsewhere] }, () => false);
  const caller = { member_id: world.asker } as never;
  const page = await world.ask.history.activity(caller, world.author, { limit: 1 });
  expect(page.items.map(({ content }) => content)).toEqual(['krill']);
  const next = await world.ask.history.activity(caller, world.author, { limit: 1, cursor: page.next_cursor! });
  expect(next).toMatchObject({ items: [{ content: 'whale' }], next_cursor: null });
  for (const [name, count] of world.calls) expect([name, count <= 6]).toEqual([name, true]);
  await world.stop();
});

test('of more than 300 communities those are searched first in which something happened last', async () => {
  const communities = Array.from({ length: 310 }, (): Standing => 'member');
  const plan: Plan = { communities, said: communities.map((_, community) => ({ community, thread: 0, by: 'author', text: 'whale' })) };
  const { world, store } = await built(plan, () => false);
  for (const n of communities.keys())
    await store.threads.update(world.thread(n, 0), { last_activity: 1_650_000_000_000 + ((n * 7) % 310) });
  const caller = { member_id: world.asker } as never;
  const found = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await world.ask.search.messages(caller, { q: 'whale', limit: 100, cursor });
    expect(page.partial).toBe(true);
    for (const { community_id } of page.items) found.add(community_id);
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  const latest = [...communities.keys()].filter((n) => (n * 7) % 310 >= 10).map((n) => world.community(n));
  expect([...found].sort()).toEqual(latest.sort());
  expect((await world.ask.search.threads(caller, { q: 'whale', limit: 1 })).partial).toBe(true);
  expect((await world.ask.history.activity(caller, world.author, { limit: 1 })).partial).toBe(true);
  const one = await world.ask.search.messages(caller, { q: 'whale', community_id: world.community(0) });
  expect(one).toEqual({ items: [expect.anything()], next_cursor: null });
  await world.stop();
});

test('who may view closed threads finds what is said there, wherever they search; who may not finds nothing, and no partial answer', async () => {
  const said: Said[] = [0, 1, 2].map((thread) => ({ community: 0, thread, by: 'author', text: `whale ${thread}` }));
  const { world } = await built({ communities: ['member', 'member'], said, closed: 'to all but the author' }, () => false);
  const [asker, author] = [world.asker, world.author].map((member_id) => ({ member_id }) as never) as [never, never];
  const { search, history } = world.ask;
  const foundBy = async (caller: never, place: { community_id?: string; thread_id?: string } = {}) => {
    const { items, partial } = await search.messages(caller, { q: 'whale', ...place });
    expect(partial).toBeUndefined();
    return items.map(({ message }) => message.content).sort();
  };
  const [community_id, thread_id] = [world.community(0), world.thread(0, 2)];
  for (const place of [{}, { community_id }]) {
    expect(await foundBy(author, place)).toEqual(['whale 0', 'whale 1', 'whale 2']);
    expect(await foundBy(asker, place)).toEqual(['whale 0', 'whale 1']);
  }
  expect(await foundBy(author, { thread_id })).toEqual(['whale 2']);
  const titles = async (caller: never) => (await search.threads(caller, { q: 'plankton' })).items.map(({ id }) => id).sort();
  expect(await titles(author)).toEqual([thread_id, world.thread(1, 2)]);
  expect(await titles(asker)).toEqual([]);
  expect((await history.activity(author, world.author, {})).items).toHaveLength(3);
  expect((await history.activity(asker, world.author, {})).items).toHaveLength(2);
  await world.stop();
});

test('of more than 300 communities and closed threads those are searched in which something happened last', async () => {
  const communities = Array.from({ length: 200 }, (): Standing => 'member');
  const said = communities.map((_, community): Said => ({ community, thread: 2, by: 'author', text: 'whale' }));
  const { world } = await built({ communities, said, closed: 'to all but the author' }, () => false);
  const caller = { member_id: world.author } as never;
  const found: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await world.ask.search.messages(caller, { q: 'whale', limit: 100, cursor });
    expect(page.partial).toBe(true);
    for (const { message } of page.items) found.push(message.id);
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  // Something happened in the closed ones last: all of them are searched, and a hundred of the communities.
  expect(new Set(found).size).toBe(200);
  expect((await world.ask.search.messages({ member_id: world.asker } as never, { q: 'whale' })).partial).toBeUndefined();
  await world.stop();
});

test('all hits come, page by page to the last one and none twice; threads are found by beginnings too', async () => {
  const said = Array.from(
    { length: 340 },
    (_, at): Said => ({ community: 0, thread: at % 2, by: 'author', text: at % 3 ? 'whale' : 'whalebone' }),
  );
  const { world } = await built({ communities: ['member'], said }, () => false);
  const caller = { member_id: world.asker } as never;
  for (const limit of [7, 50, 100]) {
    const found: string[] = [];
    const texts: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await world.ask.search.messages(caller, { q: 'whale', limit, cursor });
      for (const { message } of page.items) found.push(message.id);
      for (const { snippet } of page.items) texts.push(snippet);
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(found).toHaveLength(340);
    expect(new Set(found).size).toBe(340);
    expect(texts.lastIndexOf('«whale»')).toBeLessThan(texts.indexOf('«whalebone»'));
  }
  const threads = await world.ask.search.threads(caller, { q: 'krill tal' });
  expect(threads.items.map(({ title }) => title)).toEqual(['krill talk']);
  expect(threads.next_cursor).toBeNull();
  await world.stop();
});

test('messages of deleted threads are passed over without a word, also where they are many', async () => {
  const said: Said[] = [
    { community: 0, thread: 0, by: 'author', text: 'whale' },
    ...Array.from({ length: 900 }, (): Said => ({ community: 0, thread: 1, by: 'author', text: 'whale' })),
    { community: 0, thread: 0, by: 'author', text: 'whale' },
  ];
  const { world, store } = await built({ communities: ['member'], said }, () => false);
  await store.threads.update(world.thread(0, 1), { deleted_at: 1 });
  const caller = { member_id: world.asker } as never;
  for (const list of [
    (page: { cursor?: string | undefined }) => world.ask.history.activity(caller, world.author, { limit: 1, ...page }),
    (page: { cursor?: string | undefined }) => world.ask.search.messages(caller, { q: 'whale', limit: 1, ...page }),
  ]) {
    const first = await list({});
    expect(first.items).toHaveLength(1);
    const second = await list({ cursor: first.next_cursor! });
    expect(second.items).toHaveLength(1);
    expect(second.next_cursor).toBeNull();
  }
  await world.stop();
});

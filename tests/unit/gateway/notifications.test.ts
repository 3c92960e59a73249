import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/kernel/clock.js';
import { newId } from '../../../src/kernel/ids.js';
import type { Notification } from '../../../src/protocol/resources.js';
import { Notifier } from '../../../src/workers/notify.js';
import { Visitor } from '../../../src/workers/visit.js';
import { type Person, RestHouse } from './rest-house.js';

let house: RestHouse;
let ada: Person;
let bob: Person;
let people = 0;
let community: string;
let thread: string;

beforeAll(async () => {
  house = await RestHouse.open();
});
afterAll(() => house.close());

const ask = async (by: Person, method: string, path: string, body?: unknown) => {
  const answer = await house.ask(method, `/api${path}`, { by, body });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
  return answer.body;
};
const begin = async (title: string): Promise<string> => (await ask(ada, 'POST', `/threads/community/${community}`, { title })).id;
const say = async (content: string, to = thread): Promise<string> => (await ask(ada, 'POST', `/messages/thread/${to}`, { content })).id;
/** The workers' part. */
const notify = async (...threads: string[]): Promise<void> => {
  const notifier = new Notifier(house.store, { tell: () => undefined }, systemClock);
  await new Visitor(house.store, notifier, systemClock, () => 0).visit(threads);
};

beforeEach(async () => {
  people += 1;
  [ada, bob] = [await house.person(`ada${people}`), await house.person(`bob${people}`)];
  community = (await ask(ada, 'POST', '/communities', { name: `Bells ${people}` })).id;
  await ask(bob, 'POST', `/communities/${community}/join`);
  thread = await begin('A thread');
});

interface Page {
  items: Notification[];
  next_cursor: string | null;
  unread_count: number;
}
const list = (query = ''): Promise<Page> => ask(bob, 'GET', `/notifications?${query}`);
const walk = async (query: string, from = ''): Promise<Page[]> => {
  const pages: Page[] = [];
  for (let cursor: string | null = from; cursor !== null; cursor = pages.at(-1)!.next_cursor)
    pages.push(await list(`${query}${cursor && `&cursor=${cursor}`}`));
  return pages;
};
const mentions = async (count: number, to = thread): Promise<string[]> => {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await say(`@bob${people} ${i}`, to));
  await notify(to);
  return ids;
};

it('lists to the end, whatever the size of pages, and counts all that is unread', async () => {
  const ids = await mentions(120);
  for (const limit of [1, 7, 50, 100]) {
    const pages = await walk(`limit=${limit}`);
    expect(pages.flatMap(({ items }) => items.map((one) => one.message_id)).sort()).toEqual([...ids].sort());
    expect(pages.every(({ unread_count }) => unread_count === 120)).toBe(true);
  }
});

it('opening a thread reads all of its notifications and no others', async () => {
  const other = await begin('Another');
  await mentions(60);
  await mentions(2, other);
  expect(await ask(bob, 'POST', '/notifications/read', { thread_id: thread })).toEqual({ read: 60 });
  expect(await ask(bob, 'POST', '/notifications/read', { thread_id: thread })).toEqual({ read: 0 });
  const left = await list('unread=true');
  expect([left.items.map((one) => one.thread_id), left.unread_count]).toEqual([[other, other], 2]);
  expect(await ask(ada, 'POST', '/notifications/read', { thread_id: other })).toEqual({ read: 0 });
  const [one] = left.items;
  await mentions(1);
  // The ones named, and those of the thread named.
  expect(await ask(bob, 'POST', '/notifications/read', { ids: [one!.id], thread_id: thread })).toEqual({ read: 2 });
  expect(await ask(bob, 'POST', '/notifications/read', {})).toEqual({ read: 1 });
  expect((await list()).unread_count).toBe(0);
});

it('refuses a thread that is no id, and says where', async () => {
  for (const thread_id of ['nothing', 7, null, [thread]]) {
    const { status, body } = await house.ask('POST', '/api/notifications/read', { by: bob, body: { thread_id } });
    expect([status, body.code, body.errors[0].path]).toEqual([400, 'validation_failed', 'thread_id']);
  }
});

const ends: [what: string, act: (messages: string[]) => Promise<unknown>][] = [
  ['message was deleted', (ids) => Promise.all(ids.map((id) => ask(ada, 'DELETE', `/messages/${id}`)))],
  ['mention was edited away', (ids) => Promise.all(ids.map((id) => ask(ada, 'PUT', `/messages/${id}`, { content: 'nobody' })))],
  ['thread was deleted', () => ask(ada, 'DELETE', `/threads/${thread}`)],
];

it.each(ends)('shows none whose %s, before any worker has come to it, and takes it away', async (_, end) => {
  const other = await begin('Another');
  const kept = await mentions(30, other);
  const gone = await mentions(30);
  const newest = await mentions(1, other);
  await end(gone);
  const first = await list('limit=20');
  expect(first.items).toHaveLength(20);
  const pages = await walk('limit=20');
  expect(pages.map(({ items }) => items.length)).toEqual([20, 11]);
  expect(pages.flatMap(({ items }) => items.map((one) => one.message_id)).sort()).toEqual([...kept, ...newest].sort());
  expect((await list()).unread_count).toBe(31);
  expect(await house.store.notifications.causedBy(gone)).toEqual([]);
});

it.each(['leave', 'remove', 'ban', 'delete'] as const)('shows none of a community after %s', async (how) => {
  await mentions(3);
  const place = `/communities/${community}`;
  if (how === 'leave') await ask(bob, 'POST', `${place}/leave`);
  if (how === 'remove') await ask(ada, 'DELETE', `${place}/members/${bob.id}`);
  if (how === 'ban') await ask(ada, 'PUT', `${place}/members/${bob.id}`, { is_banned: true });
  if (how === 'delete') await ask(ada, 'DELETE', place);
  expect(await list()).toEqual({ items: [], next_cursor: null, unread_count: 0 });
});

it('a request bears so many ghosts and no more; those behind them are found all the same', async () => {
  const real = await mentions(1);
  const ghosts = Array.from({ length: 60 }, (_, n) => ({
    id: newId(Date.now()),
    member_id: bob.id,
    kind: 'mention' as const,
    community_id: community,
    thread_id: thread,
    message_id: newId(Date.now()),
    seq: 1,
    actor: ada.id,
    created_at: Date.now() + 1_000 + n,
    read_at: null,
  }));
  await house.store.notifications.insert(ghosts);
  const first = await list('limit=1');
  expect(first.items).toEqual([]);
  expect(first.next_cursor).not.toBeNull();
  const rest = await walk('limit=1', first.next_cursor!);
  expect(rest.flatMap(({ items }) => items.map((one) => one.message_id))).toEqual(real);
});

it('an opening text that mentions somebody is listed with its thread and no message', async () => {
  const record = (await house.store.threads.byId(thread))!;
  await house.store.threads.update(thread, { content: `@bob${people}`, mentions: [bob.id], updated_at: record.updated_at });
  await notify(thread);
  expect((await list()).items).toEqual([expect.objectContaining({ thread_id: thread, message_id: null, seq: 0, kind: 'mention' })]);
});

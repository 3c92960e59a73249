import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { memberLedger } from '../../../src/actors/ledger/names.js';
import { savedBounds } from '../../../src/features/saved/contract.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { type Person, RestHouse } from '../gateway/rest-house.js';
import { commitsOf, freshOf, secondDevice } from './own-ledger.js';

let house: RestHouse;
let clock: FakeClock;
let owner: Person;
let ada: Person;
let community: string;
let thread: string;
beforeEach(async () => {
  clock = new FakeClock();
  house = await RestHouse.open({ clock });
  owner = await house.person();
  ada = await house.person();
  community = (await house.ask('POST', '/api/communities', { by: owner, body: { name: 'Readers' } })).body.id;
  await house.ask('POST', `/api/communities/${community}/join`, { by: ada });
  thread = await begin({});
});
afterEach(() => house.close());

const begin = async (body: object, title = 'Books'): Promise<string> =>
  (await house.ask('POST', `/api/threads/community/${community}`, { by: owner, body: { title, ...body } })).body.id;
const say = async (content: string, place = thread): Promise<string> =>
  (await house.ask('POST', `/api/messages/thread/${place}`, { by: owner, body: { content } })).body.id;
const save = (message: string, by = ada) => house.ask('PUT', `/api/saved/${message}`, { by });
const unsave = (message: string, by = ada) => house.ask('DELETE', `/api/saved/${message}`, { by });
const list = async (query = '', by = ada) => (await house.ask('GET', `/api/saved${query}`, { by })).body;
const contents = async (query = '', by = ada): Promise<string[]> =>
  (await list(query, by)).items.map(({ message }: { message: { content: string } }) => message.content);

test('what was saved last comes first, as it is now; again keeps the first moment; taken away it is gone on every device', async () => {
  const [one, two] = [await say('one'), await say('two')];
  const first = await save(one);
  const saved_at = new Date(clock.now()).toISOString();
  expect([first.status, first.body]).toEqual([200, { message_id: one, thread_id: thread, community_id: community, saved_at }]);
  await clock.advance(1_000);
  await save(two);
  expect((await save(one)).body).toEqual(first.body);
  await house.ask('PATCH', `/api/messages/${one}`, { by: owner, body: { content: 'another' } });
  const phone = await secondDevice(house, ada);
  expect(await contents('', phone)).toEqual(['two', 'another']);
  expect((await list()).items[1]).toMatchObject({ message: { id: one, is_edited: true }, community_id: community, saved_at });
  expect(await freshOf(house, phone, 'saved')).toEqual({
    [one]: { thread_id: thread, community_id: community, saved_at },
    [two]: { thread_id: thread, community_id: community, saved_at: new Date(clock.now()).toISOString() },
  });
  for (let i = 0; i < 2; i++) expect((await unsave(two, phone)).status).toBe(204);
  expect(await contents()).toEqual(['another']);
  expect((await commitsOf(house, ada)).map(({ operation }) => operation)).toEqual(['save_message', 'save_message', 'unsave_message']);
  expect(await contents('', owner)).toEqual([]);
});

test('what one may not read cannot be saved, and answers like what never was', async () => {
  const closed = await say('closed', await begin({ is_private: true }));
  const ours = (await house.ask('POST', '/api/communities', { by: owner, body: { name: 'Ours', is_public: false } })).body.id;
  const elsewhere = await house.ask('POST', `/api/threads/community/${ours}`, { by: owner, body: { title: 'Elsewhere' } });
  const foreign = await say('foreign', elsewhere.body.id);
  const gone = await say('gone');
  await house.ask('DELETE', `/api/messages/${gone}`, { by: owner });
  const never = await save('a'.repeat(24));
  expect([never.status, never.body.code]).toEqual([404, 'not_found']);
  for (const message of [closed, foreign, gone]) {
    const { status, body } = await save(message);
    expect([status, body.code, body.detail]).toEqual([404, 'not_found', never.body.detail]);
  }
  for (const message of [closed, foreign, 'a'.repeat(24)]) expect((await unsave(message)).status).toBe(204);
  expect(await commitsOf(house, ada)).toEqual([]);
  expect((await save(closed, owner)).status).toBe(200);
});

test('a list leaves out what one may not read any more, by what is now; what comes back is there again', async () => {
  const own = await begin({ is_private: true, member_ids: [ada.id] }, 'Ours');
  const [open, inside] = [await say('open'), await say('inside', own)];
  for (const message of [open, inside]) await save(message);
  expect((await contents()).sort()).toEqual(['inside', 'open']);
  await house.ask('DELETE', `/api/threads/${own}/members/${ada.id}`, { by: owner });
  expect(await list()).toMatchObject({ items: [{ message: { id: open } }], next_cursor: null });
  await house.ask('PUT', `/api/threads/${own}/members/${ada.id}`, { by: owner });
  expect((await contents()).sort()).toEqual(['inside', 'open']);
  await house.ask('DELETE', `/api/threads/${own}`, { by: owner });
  expect(await contents()).toEqual(['open']);
  // Of a community that is private by now, and not hers any more, nothing.
  await house.ask('PATCH', `/api/communities/${community}`, { by: owner, body: { is_public: false } });
  await house.ask('POST', `/api/communities/${community}/leave`, { by: ada });
  expect(await list()).toEqual({ items: [], next_cursor: null });
  // It stays hers to take away.
  expect((await unsave(open)).status).toBe(204);
  expect(Object.keys(await freshOf(house, ada, 'saved'))).toEqual([inside]);
});

test('pages are full, and neither their length nor their cursor tells of what is left out', async () => {
  const own = await begin({ is_private: true, member_ids: [ada.id] }, 'Ours');
  await save(await say('the first, hidden', own));
  await clock.advance(1);
  for (let at = 0; at < 5; at++) {
    await save(await say(`open ${at}`));
    await clock.advance(1);
    for (let hidden = 0; hidden < 3; hidden++) {
      await save(await say('hidden', own));
      await clock.advance(1);
    }
  }
  await house.ask('DELETE', `/api/threads/${own}/members/${ada.id}`, { by: owner });
  const pages: string[][] = [];
  for (let query = '?limit=2'; query !== ''; ) {
    const { items, next_cursor } = await list(query);
    pages.push(items.map(({ message }: { message: { content: string } }) => message.content));
    query = next_cursor === null ? '' : `?limit=2&cursor=${next_cursor}`;
  }
  expect(pages).toEqual([['open 4', 'open 3'], ['open 2', 'open 1'], ['open 0']]);
  // A hidden one lies behind the last: no cursor says so.
  expect(await list('?limit=5')).toMatchObject({ items: { length: 5 }, next_cursor: null });
  for (const cursor of ['x', '%00', Buffer.from('{"saved_at":"now","message_id":"__proto__"}').toString('base64url')]) {
    expect((await house.ask('GET', `/api/saved?cursor=${cursor}`, { by: ada })).body).toMatchObject({ code: 'validation_failed' });
  }
});

test('a member has so many: one more is a conflict, one of them may be saved again, and one taken away makes room', async () => {
  const [here, more] = [await say('here'), await say('more')];
  await save(here);
  const value = { thread_id: thread, community_id: community, saved_at: new Date(0).toISOString() };
  const stored = Array.from({ length: savedBounds.messages - 1 }, (_, at) => ({ kind: 'saved', key: `${at}`.padStart(24, '0'), value }));
  const name = memberLedger(ada.id);
  await house.store.ledgers.project(
    name,
    1,
    stored.map((item) => ({ ledger: name, rev: 1, ...item })),
  );
  const refused = await save(more);
  expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
    409,
    'conflict',
    'A member has at most 1000 saved messages: take one away first',
  ]);
  expect((await save(here)).status).toBe(200);
  await unsave(stored[0]!.key);
  expect((await save(more)).status).toBe(200);
  // What leads nowhere is looked at once, and no more of it than one can have.
  expect(await contents()).toEqual(expect.arrayContaining(['here', 'more']));
});

test('whatever is no id is refused in words', async () => {
  for (const message of ['__proto__', 'A'.repeat(24), '%20', 'a'.repeat(25), 'a'.repeat(5_000)]) {
    for (const { status, body } of [await save(message), await unsave(message)]) {
      expect([message.slice(0, 30), status, body.code, body.errors?.[0]?.path]).toEqual([
        message.slice(0, 30),
        400,
        'validation_failed',
        'message_id',
      ]);
    }
  }
  expect((await house.ask('PUT', `/api/saved/${'a'.repeat(24)}`, { by: ada, body: { message_id: 'b'.repeat(24) } })).status).toBe(400);
});

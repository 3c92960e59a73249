import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Route, type RouteName, routes } from '../../../src/protocol/routes.js';
import { type Answer, type Person, RestHouse } from './rest-house.js';

let house: RestHouse;
let ada: Person;
let bob: Person;
let eve: Person;
beforeAll(async () => {
  house = await RestHouse.open();
  [ada, bob, eve] = [await house.person('ada'), await house.person('bob'), await house.person('eve')];
});
afterAll(() => house.close());

const used = new Set<RouteName>();
/** Calls a route by name; a success must have the form that the table promises. */
const call = async (
  name: RouteName,
  by: Person | undefined,
  params: Record<string, string> = {},
  rest: { query?: string; body?: unknown } = {},
): Promise<Answer> => {
  const route: Route = routes[name];
  const path = route.path.replace(/:([a-z_]+)/g, (_, key: string) => params[key] ?? 'missing');
  const answer = await house.ask(route.method.toUpperCase(), `/api${path}${rest.query ? `?${rest.query}` : ''}`, { by, body: rest.body });
  if (answer.status < 300) {
    used.add(name);
    expect([route.status, route.alsoStatus]).toContain(answer.status);
    if (answer.status === 204) expect(answer.text).toBe('');
    else expect(route.answer.safeParse(answer.body).error).toBeUndefined();
  }
  return answer;
};

describe('the whole of the REST door', () => {
  it('makes accounts, signs in and refuses without saying why', async () => {
    const fay = { username: 'fay', email: 'fay@example.org', password: 'correct horse', full_name: 'Fay' };
    expect((await call('register', undefined, {}, { body: fay })).body.member).toMatchObject({ full_name: 'Fay', communities: [] });
    const taken = await call('register', undefined, {}, { body: { username: 'ADA', email: 'new@example.org', password: 'correct horse' } });
    expect(taken.status).toBe(409);
    expect(taken.body.errors).toEqual([expect.objectContaining({ path: 'username' })]);
    expect((await call('getSignUp', undefined, {})).body).toEqual({ sign_up: 'open' });
    const email = await call(
      'createMember',
      undefined,
      {},
      { body: { username: 'new', email: 'ADA@example.org', password: 'correct horse' } },
    );
    expect(email.status).toBe(201);
    expect(
      (await call('createMember', undefined, {}, { body: { username: 'zoe', email: 'zoe@example.org', password: 'correct horse' } }))
        .status,
    ).toBe(201);

    for (const login of ['ada', 'ada@example.org', 'Ada']) {
      expect((await call('login', undefined, {}, { body: { login, password: 'correct horse' } })).status).toBe(200);
    }
    const wrong = await call('login', undefined, {}, { body: { login: 'ada', password: 'wrong horse' } });
    const nobody = await call('login', undefined, {}, { body: { login: 'nobody', password: 'wrong horse' } });
    expect(wrong.status).toBe(401);
    expect({ ...wrong.body, request_id: '' }).toEqual({ ...nobody.body, request_id: '' });
    expect((await call('login', undefined, {}, { body: { login: 'ada', password: 'x'.repeat(1_000_000) } })).status).toBe(400);
  });

  it('refreshes, lists and ends sessions', async () => {
    const carl = await house.person('carl');
    const { body } = await call('refresh', undefined, {}, { body: { refresh_token: carl.refresh } });
    expect(body).toMatchObject({ expires_in: 900, access_token: expect.any(String) });
    const other = await call('login', undefined, {}, { body: { login: 'carl', password: 'correct horse' } });
    const sessions = (await call('listSessions', carl)).body.items;
    expect(sessions).toHaveLength(2);
    expect(sessions.filter((s: { is_current: boolean }) => s.is_current)).toHaveLength(1);
    const paged = await call('listSessions', carl, {}, { query: 'limit=1' });
    expect((await call('listSessions', carl, {}, { query: `limit=1&cursor=${paged.body.next_cursor}` })).body.next_cursor).toBeNull();
    const theirs = sessions.find((s: { is_current: boolean }) => !s.is_current).id;
    expect((await call('endSession', ada, { id: theirs })).status).toBe(404);
    expect((await call('endSession', carl, { id: theirs })).status).toBe(204);
    expect((await call('listSessions', { ...carl, token: other.body.access_token })).status).toBe(401);
    expect((await call('logout', carl)).status).toBe(204);
    expect((await call('listSessions', carl)).status).toBe(401);
    expect((await call('refresh', undefined, {}, { body: { refresh_token: body.refresh_token } })).status).toBe(401);
  });

  it('carries communities, threads and messages', async () => {
    const made = await call('createCommunity', ada, {}, { body: { name: 'Engines', tags: ['math'] } });
    expect(made.body).toMatchObject({ is_public: true, member_count: 1, me: { role: 'owner' } });
    const id: string = made.body.id;
    expect((await call('getCommunity', eve, { id })).body.me).toBeUndefined();
    expect((await call('joinCommunity', bob, { id })).body.me).toMatchObject({ role: 'member' });
    expect((await call('updateCommunity', bob, { id }, { body: { name: 'Mine' } })).status).toBe(403);
    expect((await call('updateCommunity', ada, { id }, { body: { description: 'All about them' } })).body.description).toBe(
      'All about them',
    );
    expect((await call('listCommunities', eve, {}, { query: 'q=engin&tag=math' })).body.items).toHaveLength(1);
    expect((await call('listCommunities', eve, {}, { query: 'mine=true' })).body.items).toEqual([]);
    expect((await call('communitiesOfMember', eve, { id: ada.id })).body.items).toHaveLength(1);
    const members = (await call('listMembersOfCommunity', eve, { id })).body.items;
    expect(members.map((m: { member: { username: string }; role: string }) => [m.member.username, m.role])).toEqual([
      ['ada', 'owner'],
      ['bob', 'member'],
    ]);
    const until = new Date(Date.now() + 60_000).toISOString();
    const handOver = (by: typeof ada, to: typeof ada) =>
      call('handOverCommunity', by, { community_id: id }, { body: { member_id: to.id } });
    expect((await handOver(ada, bob)).body).toMatchObject({ owner_id: bob.id, me: { role: 'moderator' } });
    expect((await handOver(bob, ada)).body).toMatchObject({ owner_id: ada.id, me: { role: 'moderator' } });
    await call('changeMembership', ada, { id, member_id: bob.id }, { body: { role: 'member' } });
    const muted = await call('changeMembership', ada, { id, member_id: bob.id }, { body: { muted_until: until } });
    expect(muted.body).toMatchObject({ muted_until: until, is_banned: false });
    expect((await call('createThread', bob, { community_id: id }, { body: { title: 'Notes' } })).status).toBe(403);
    await call('changeMembership', ada, { id, member_id: bob.id }, { body: { muted_until: null } });

    const thread = (await call('createThread', bob, { community_id: id }, { body: { title: 'Notes', tags: ['a'] } })).body;
    expect((await call('getThread', eve, { id: thread.id })).body.me).toBeUndefined();
    expect((await call('updateThread', bob, { id: thread.id }, { body: { title: 'Better notes' } })).body.title).toBe('Better notes');
    expect((await call('pinThread', bob, { id: thread.id }, { body: {} })).status).toBe(403);
    expect((await call('pinThread', ada, { id: thread.id }, { body: {} })).body.is_pinned).toBe(true);
    expect((await call('pinThread', ada, { id: thread.id })).body.is_pinned).toBe(false);

    const thread_id: string = thread.id;
    expect((await call('sendMessage', eve, { thread_id }, { body: { content: 'hello' } })).status).toBe(403);
    const sent = await call('sendMessage', bob, { thread_id }, { body: { content: 'hello', nonce: 'n1' } });
    expect(sent.status).toBe(201);
    const again = await call('sendMessage', bob, { thread_id }, { body: { content: 'hello', nonce: 'n1' } });
    expect([again.status, again.body.id]).toEqual([200, sent.body.id]);
    for (let i = 0; i < 11; i++) await call('sendMessage', ada, { thread_id }, { body: { content: `reply ${i}`, reply_to: sent.body.id } });

    const seqs = (answer: Answer): number[] => answer.body.items.map((m: { seq: number }) => m.seq);
    const newest = await call('history', eve, { thread_id }, { query: 'limit=5' });
    expect(seqs(newest)).toEqual([8, 9, 10, 11, 12]);
    const older = await call('history', eve, { thread_id }, { query: `limit=5&cursor=${newest.body.next_cursor}` });
    expect(seqs(older)).toEqual([3, 4, 5, 6, 7]);
    const oldest = await call('history', eve, { thread_id }, { query: `limit=5&cursor=${older.body.next_cursor}` });
    expect([seqs(oldest), oldest.body.next_cursor]).toEqual([[1, 2], null]);
    const newer = await call('history', eve, { thread_id }, { query: 'limit=6&after_seq=2' });
    expect(seqs(newer)).toEqual([3, 4, 5, 6, 7, 8]);
    const last = await call('history', eve, { thread_id }, { query: `limit=6&cursor=${newer.body.next_cursor}` });
    expect([seqs(last), last.body.next_cursor]).toEqual([[9, 10, 11, 12], null]);
    expect(seqs(await call('history', eve, { thread_id }, { query: 'limit=4&around_seq=6' }))).toEqual([4, 5, 6, 7]);
    expect((await call('history', eve, { thread_id }, { query: 'before_seq=3&after_seq=1' })).status).toBe(400);

    const replies = await call('replies', eve, { thread_id, message_id: sent.body.id }, { query: 'limit=10' });
    expect([replies.body.items.length, typeof replies.body.next_cursor]).toEqual([10, 'string']);
    const rest = await call(
      'replies',
      eve,
      { thread_id, message_id: sent.body.id },
      { query: `limit=10&cursor=${replies.body.next_cursor}` },
    );
    expect([rest.body.items.length, rest.body.next_cursor]).toEqual([1, null]);

    expect((await call('editMessage', ada, { id: sent.body.id }, { body: { content: 'mine' } })).status).toBe(403);
    expect((await call('editMessage', bob, { id: sent.body.id }, { body: { content: 'edited' } })).body).toMatchObject({
      content: 'edited',
      is_edited: true,
    });
    expect((await call('getMessage', eve, { id: sent.body.id })).body.content).toBe('edited');
    expect((await call('activityOfMember', eve, { id: bob.id })).body.items).toHaveLength(1);
    expect((await call('deleteMessage', ada, { id: sent.body.id })).body).toEqual({
      id: sent.body.id,
      thread_id,
      seq: 1,
      rev: expect.any(Number),
      deleted_at: expect.any(String),
    });
    expect((await call('activityOfMember', eve, { id: bob.id })).body.items).toEqual([]);

    const threads = await call('listThreads', ada, { community_id: id });
    expect(threads.body.items[0].me).toEqual({ read_seq: expect.any(Number), unread_count: expect.any(Number) });
    expect((await call('listThreads', eve, { community_id: id })).body.items[0].me).toBeUndefined();

    expect((await call('getThread', bob, { id: thread_id })).body.me).toEqual({ read_seq: 1, unread_count: 11 });
    expect((await call('markRead', bob, { thread_id }, { body: { seq: 4 } })).body).toEqual({ read_seq: 4 });
    expect((await call('markRead', bob, { thread_id })).body).toEqual({ read_seq: 12 });
    expect((await call('markRead', eve, { thread_id })).status).toBe(403);
    for (const seq of [-1, 1.5, '4', null]) {
      const refused = await call('markRead', bob, { thread_id }, { body: { seq } });
      expect([refused.status, refused.body.code, refused.body.errors[0].path]).toEqual([400, 'validation_failed', 'seq']);
    }
    expect((await call('markAllRead', bob, {}, { body: { community_id: id } })).body).toMatchObject({ read_at: expect.any(String) });
    expect((await call('markAllRead', bob)).body.notifications).toBe(0);
    expect((await call('markAllRead', eve)).status).toBe(200);
    expect((await call('markAllRead', eve, {}, { body: { community_id: id } })).status).toBe(403);
    expect((await call('markAllRead', bob, {}, { body: { community_id: 'x' } })).body.errors[0].path).toBe('community_id');

    expect((await call('removeMember', ada, { id, member_id: bob.id })).status).toBe(204);
    expect((await call('leaveCommunity', ada, { id })).status).toBeGreaterThanOrEqual(400);
    await call('joinCommunity', bob, { id });
    expect((await call('leaveCommunity', bob, { id })).status).toBe(204);
    const before = (await call('activityOfMember', eve, { id: ada.id })).body.items.length;
    expect(before).toBe(11);
    expect((await call('deleteThread', ada, { id: thread_id })).status).toBe(204);
    expect((await call('activityOfMember', eve, { id: ada.id })).body).toEqual({ items: [], next_cursor: null });
    expect((await call('getThread', ada, { id: thread_id })).status).toBe(404);
    expect((await call('history', ada, { thread_id })).status).toBe(404);
    expect((await call('deleteCommunity', ada, { id })).status).toBe(204);
    expect((await call('getCommunity', ada, { id })).status).toBe(404);
  });

  it('shows and changes members', async () => {
    const own = await call('getMember', ada, { id: ada.id });
    expect(own.body.email).toBe('ada@example.org');
    expect((await call('getMemberByUsername', bob, { username: 'ADA' })).body.email).toBeUndefined();
    expect((await call('getMember', bob, { id: ada.id })).body.communities).toBeUndefined();
    expect((await call('updateMember', bob, { id: ada.id }, { body: { bio: 'x' } })).status).toBe(403);
    expect((await call('updateMember', ada, { id: ada.id }, { body: { bio: 'Countess', username: 'bob' } })).status).toBe(409);
    expect((await call('updateMember', ada, { id: ada.id }, { body: { bio: 'Countess', full_name: 'Ada Lovelace' } })).body.bio).toBe(
      'Countess',
    );
    expect((await call('listMembers', bob, {}, { query: 'q=lovel' })).body.items.map((m: { username: string }) => m.username)).toEqual([
      'ada',
    ]);
    const first = await call('listMembers', bob, {}, { query: 'limit=2' });
    const second = await call('listMembers', bob, {}, { query: `limit=2&cursor=${first.body.next_cursor}` });
    const names = [...first.body.items, ...second.body.items].map((m: { username: string }) => m.username);
    expect(names).toEqual([...names].sort());
    expect(new Set(names).size).toBe(4);
    const dora = await house.person('dora');
    expect((await call('deactivateMember', bob, { id: dora.id })).status).toBe(403);
    expect((await call('deactivateMember', dora, { id: dora.id })).status).toBe(204);
    expect((await call('getMember', dora, { id: dora.id })).status).toBe(401);
    const login = { login: 'dora', password: 'correct horse' };
    expect((await call('login', undefined, {}, { body: login })).status).toBe(403);
    const gone = await call('login', undefined, {}, { body: { ...login, password: 'wrong horse' } });
    const nobody = await call('login', undefined, {}, { body: { login: 'nobody', password: 'correct horse' } });
    expect({ ...gone.body, request_id: '' }).toEqual({ ...nobody.body, request_id: '' });
    const back = await call('reopenAccount', undefined, {}, { body: login });
    const again = { ...dora, token: back.body.access_token };
    expect((await call('changeEmail', again, {}, { body: { email: 'd@example.org' } })).body.email).toBe('d@example.org');
    const secrets = { password: 'correct horse', new_password: 'another horse' };
    expect((await call('changePassword', again, {}, { body: secrets })).status).toBe(204);
    expect((await call('endOtherSessions', again, {})).status).toBe(204);
  });

  it('lists notifications and marks them', async () => {
    const { id: community_id } = (await call('createCommunity', ada, {}, { body: { name: 'Bells' } })).body;
    expect((await call('joinCommunity', bob, { id: community_id })).status).toBe(200);
    const thread = (await call('createThread', ada, { community_id }, { body: { title: 'A thread' } })).body;
    const at = Date.now();
    const planted = [];
    for (const n of [1, 2, 3]) {
      const message = (await call('sendMessage', ada, { thread_id: thread.id }, { body: { content: `@bob ${n}` } })).body;
      planted.push({
        id: `00000000000000000000000${n}`,
        member_id: bob.id,
        kind: 'mention' as const,
        community_id,
        thread_id: thread.id,
        message_id: message.id,
        seq: n,
        actor: ada.id,
        created_at: at + n,
        read_at: null,
      });
    }
    await house.store.notifications.insert(planted);
    const listed = (await call('listNotifications', bob)).body;
    expect(listed.items.map((n: { seq: number }) => n.seq)).toEqual([3, 2, 1]);
    expect(listed.unread_count).toBe(3);
    expect((await call('readNotifications', ada, {}, { body: { ids: ['000000000000000000000001'] } })).body).toEqual({ read: 0 });
    expect((await call('readNotifications', bob, {}, { body: { ids: ['000000000000000000000001'] } })).body).toEqual({ read: 1 });
    expect((await call('listNotifications', bob, {}, { query: 'unread=true&limit=1' })).body).toMatchObject({
      next_cursor: expect.any(String),
      unread_count: 2,
    });
    expect((await call('readNotifications', bob)).body).toEqual({ read: 2 });
    expect((await call('deleteCommunity', ada, { id: community_id })).status).toBe(204);
    expect((await call('listNotifications', bob)).body).toEqual({ items: [], next_cursor: null, unread_count: 0 });
  });

  it('finds what one may see, page by page, and nothing else', async () => {
    const open = (await call('createCommunity', ada, {}, { body: { name: 'Open' } })).body.id;
    const closed = (await call('createCommunity', ada, {}, { body: { name: 'Closed', is_public: false } })).body.id;
    const index = async (community_id: string, n: number): Promise<string> => {
      const thread = (await call('createThread', ada, { community_id }, { body: { title: `Whales ${n}` } })).body;
      const message = (await call('sendMessage', ada, { thread_id: thread.id }, { body: { content: `a whale, number ${n}` } })).body;
      const base = { scope: community_id, community_id, thread_id: thread.id, author: ada.id, created_at: Date.now() };
      await house.store.search.index([
        { ...base, id: message.id, kind: 'message', seq: 1, rev: 1, text: message.content },
        { ...base, id: thread.id, kind: 'thread', seq: 0, rev: 0, text: thread.title },
      ]);
      return thread.id;
    };
    const hidden = await index(closed, 0);
    const visible: string[] = [];
    for (let n = 1; n <= 5; n++) {
      visible.push(await index(open, n));
      await index(closed, n + 100);
    }
    for (const name of ['searchMessages', 'searchThreads'] as const) {
      const found: string[] = [];
      let cursor = '';
      do {
        const answer = await call(name, eve, {}, { query: `q=whale&limit=2&community_id=${open}${cursor}` });
        expect(answer.status).toBe(200);
        expect(answer.body.items.length).toBeLessThanOrEqual(2);
        found.push(
          ...answer.body.items.map((item: { id?: string; message?: { thread_id: string } }) => item.message?.thread_id ?? item.id),
        );
        cursor = answer.body.next_cursor ? `&cursor=${answer.body.next_cursor}` : '';
      } while (cursor);
      expect(found.sort()).toEqual([...visible].sort());
      expect((await call(name, ada, {}, { query: 'q=whale' })).body.items).toHaveLength(11);
      // Public ones that one has not joined are searched when they are named.
      expect((await call(name, eve, {}, { query: 'q=whale' })).body).toEqual({ items: [], next_cursor: null });
      expect((await call(name, eve, {}, { query: `q=whale&community_id=${closed}` })).status).toBe(404);
    }
    expect((await call('searchMessages', eve, {}, { query: `q=whale&thread_id=${hidden}` })).status).toBe(404);
    const activity: string[] = [];
    let next = '';
    do {
      const answer = await call('activityOfMember', eve, { id: ada.id }, { query: `limit=2${next}` });
      activity.push(...answer.body.items.map((m: { thread_id: string }) => m.thread_id));
      next = answer.body.next_cursor ? `&cursor=${answer.body.next_cursor}` : '';
    } while (next);
    expect(activity).toEqual([...visible].reverse());
    await call('deleteThread', ada, { id: visible[0] ?? '' });
    expect((await call('searchMessages', eve, {}, { query: `q=whale&community_id=${open}` })).body.items).toHaveLength(4);
    await call('joinCommunity', eve, { id: open });
    expect((await call('searchMessages', eve, {}, { query: 'q=whale' })).body.items).toHaveLength(4);
  });

  it('has been through every route', () => {
    expect((Object.keys(routes) as RouteName[]).filter((name) => !used.has(name))).toEqual([]);
  });
});

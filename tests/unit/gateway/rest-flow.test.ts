import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Catalogue, waysOf } from '../../../src/catalogue/catalogue.js';
import { opensAt } from '../../../src/catalogue/operation.js';
import { features, type Stated } from '../../../src/features/index.js';
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

const catalogue = new Catalogue(features);
const written = ({ method, path }: { method: string; path: string }): string => `${method.toUpperCase()} ${path}`;
const used = new Set<string>();
/** Asks for an operation by name, in the first of its ways or another; a success must have the form that the catalogue promises. */
const call = async (
  name: keyof Stated,
  by: Person | undefined,
  params: Record<string, string> = {},
  rest: { query?: string; body?: unknown; way?: number } = {},
): Promise<Answer> => {
  const { operation } = catalogue.byName(name)!;
  const way = waysOf(operation)[rest.way ?? 0]!;
  const path = way.path.replace(/:([a-z_]+)/g, (_, key: string) => encodeURIComponent(params[key] ?? 'missing'));
  const answer = await house.ask(way.method.toUpperCase(), `/api${path}${rest.query ? `?${rest.query}` : ''}`, { by, body: rest.body });
  if (answer.status < 300) {
    used.add(written(way));
    expect([operation.rest?.status, operation.rest?.alsoStatus]).toContain(answer.status);
    if (answer.status === 204) expect(answer.text).toBe('');
    else expect(operation.answer.safeParse(answer.body).error).toBeUndefined();
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
    expect((await call('get_sign_up', undefined, {})).body).toEqual({ sign_up: 'open' });
    const create = (username: string, email: string) =>
      call('register', undefined, {}, { body: { username, email, password: 'correct horse' }, way: 1 });
    expect((await create('new', 'ADA@example.org')).status).toBe(201);
    expect((await create('zoe', 'zoe@example.org')).status).toBe(201);

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
    const sessions = (await call('list_sessions', carl)).body.items;
    expect(sessions).toHaveLength(2);
    expect(sessions.filter((s: { is_current: boolean }) => s.is_current)).toHaveLength(1);
    const paged = await call('list_sessions', carl, {}, { query: 'limit=1' });
    expect((await call('list_sessions', carl, {}, { query: `limit=1&cursor=${paged.body.next_cursor}` })).body.next_cursor).toBeNull();
    const theirs = sessions.find((s: { is_current: boolean }) => !s.is_current).id;
    expect((await call('end_session', ada, { session_id: theirs })).status).toBe(404);
    expect((await call('end_session', carl, { session_id: theirs })).status).toBe(204);
    expect((await call('list_sessions', { ...carl, token: other.body.access_token })).status).toBe(401);
    expect((await call('logout', carl)).status).toBe(204);
    expect((await call('list_sessions', carl)).status).toBe(401);
    expect((await call('refresh', undefined, {}, { body: { refresh_token: body.refresh_token } })).status).toBe(401);
  });

  it('carries communities, threads and messages', async () => {
    const made = await call('create_community', ada, {}, { body: { name: 'Engines', tags: ['math'] } });
    expect(made.body).toMatchObject({ is_public: true, member_count: 1, me: { role: 'owner' } });
    const id: string = made.body.id;
    expect((await call('get_community', eve, { community_id: id })).body.me).toBeUndefined();
    expect((await call('join_as_member', bob, { community_id: id })).body.me).toMatchObject({ role: 'member' });
    expect((await call('update_community', bob, { community_id: id }, { body: { name: 'Mine' } })).status).toBe(403);
    expect((await call('update_community', ada, { community_id: id }, { body: { description: 'All about them' } })).body.description).toBe(
      'All about them',
    );
    expect((await call('list_communities', eve, {}, { query: 'q=engin&tag=math' })).body.items).toHaveLength(1);
    expect((await call('list_communities', eve, {}, { query: 'mine=true' })).body.items).toEqual([]);
    expect((await call('list_communities_of_member', eve, { member_id: ada.id })).body.items).toHaveLength(1);
    const members = (await call('list_community_members', eve, { community_id: id })).body.items;
    expect(members.map((m: { member: { username: string }; role: string }) => [m.member.username, m.role])).toEqual([
      ['ada', 'owner'],
      ['bob', 'member'],
    ]);
    const until = new Date(Date.now() + 60_000).toISOString();
    const handOver = (by: typeof ada, to: typeof ada) =>
      call('hand_over_community', by, { community_id: id }, { body: { member_id: to.id } });
    expect((await handOver(ada, bob)).body).toMatchObject({ owner_id: bob.id, me: { role: 'moderator' } });
    expect((await handOver(bob, ada)).body).toMatchObject({ owner_id: ada.id, me: { role: 'moderator' } });
    await call('change_membership', ada, { community_id: id, member_id: bob.id }, { body: { role: 'member' } });
    const muted = await call('change_membership', ada, { community_id: id, member_id: bob.id }, { body: { muted_until: until } });
    expect(muted.body).toMatchObject({ muted_until: until, is_banned: false });
    expect((await call('create_thread', bob, { community_id: id }, { body: { title: 'Notes' } })).status).toBe(403);
    await call('change_membership', ada, { community_id: id, member_id: bob.id }, { body: { muted_until: null } });

    const thread = (await call('create_thread', bob, { community_id: id }, { body: { title: 'Notes', tags: ['a'] } })).body;
    expect((await call('get_thread', eve, { thread_id: thread.id })).body.me).toBeUndefined();
    expect((await call('update_thread', bob, { thread_id: thread.id }, { body: { title: 'Better notes' } })).body.title).toBe(
      'Better notes',
    );
    expect((await call('pin_thread', bob, { thread_id: thread.id }, { body: {} })).status).toBe(403);
    expect((await call('pin_thread', ada, { thread_id: thread.id }, { body: {} })).body.is_pinned).toBe(true);
    expect((await call('pin_thread', ada, { thread_id: thread.id })).body.is_pinned).toBe(false);

    const thread_id: string = thread.id;
    expect((await call('send_message', eve, { thread_id }, { body: { content: 'hello' } })).status).toBe(403);
    const sent = await call('send_message', bob, { thread_id }, { body: { content: 'hello', nonce: 'n1' } });
    expect(sent.status).toBe(201);
    const again = await call('send_message', bob, { thread_id }, { body: { content: 'hello', nonce: 'n1' } });
    expect([again.status, again.body.id]).toEqual([200, sent.body.id]);
    for (let i = 0; i < 11; i++)
      await call('send_message', ada, { thread_id }, { body: { content: `reply ${i}`, reply_to: sent.body.id } });

    const seqs = (answer: Answer): number[] => answer.body.items.map((m: { seq: number }) => m.seq);
    const newest = await call('list_messages', eve, { thread_id }, { query: 'limit=5' });
    expect(seqs(newest)).toEqual([8, 9, 10, 11, 12]);
    const older = await call('list_messages', eve, { thread_id }, { query: `limit=5&cursor=${newest.body.next_cursor}` });
    expect(seqs(older)).toEqual([3, 4, 5, 6, 7]);
    const oldest = await call('list_messages', eve, { thread_id }, { query: `limit=5&cursor=${older.body.next_cursor}` });
    expect([seqs(oldest), oldest.body.next_cursor]).toEqual([[1, 2], null]);
    const newer = await call('list_messages', eve, { thread_id }, { query: 'limit=6&after_seq=2' });
    expect(seqs(newer)).toEqual([3, 4, 5, 6, 7, 8]);
    const last = await call('list_messages', eve, { thread_id }, { query: `limit=6&cursor=${newer.body.next_cursor}` });
    expect([seqs(last), last.body.next_cursor]).toEqual([[9, 10, 11, 12], null]);
    expect(seqs(await call('list_messages', eve, { thread_id }, { query: 'limit=4&around_seq=6' }))).toEqual([4, 5, 6, 7]);
    expect((await call('list_messages', eve, { thread_id }, { query: 'before_seq=3&after_seq=1' })).status).toBe(400);

    const replies = await call('list_replies', eve, { thread_id, message_id: sent.body.id }, { query: 'limit=10' });
    expect([replies.body.items.length, typeof replies.body.next_cursor]).toEqual([10, 'string']);
    const rest = await call(
      'list_replies',
      eve,
      { thread_id, message_id: sent.body.id },
      { query: `limit=10&cursor=${replies.body.next_cursor}` },
    );
    expect([rest.body.items.length, rest.body.next_cursor]).toEqual([1, null]);

    expect((await call('edit_message', ada, { message_id: sent.body.id }, { body: { content: 'mine' } })).status).toBe(403);
    expect((await call('edit_message', bob, { message_id: sent.body.id }, { body: { content: 'edited' } })).body).toMatchObject({
      content: 'edited',
      is_edited: true,
    });
    expect((await call('get_message', eve, { message_id: sent.body.id })).body.content).toBe('edited');
    expect((await call('get_member_activity', eve, { member_id: bob.id })).body.items).toHaveLength(1);
    expect((await call('delete_message', ada, { message_id: sent.body.id })).body).toEqual({
      id: sent.body.id,
      thread_id,
      seq: 1,
      rev: expect.any(Number),
      deleted_at: expect.any(String),
    });
    expect((await call('get_member_activity', eve, { member_id: bob.id })).body.items).toEqual([]);

    const threads = await call('list_threads', ada, { community_id: id });
    expect(threads.body.items[0].me).toEqual({ read_seq: expect.any(Number), unread_count: expect.any(Number) });
    expect((await call('list_threads', eve, { community_id: id })).body.items[0].me).toBeUndefined();

    expect((await call('get_thread', bob, { thread_id: thread_id })).body.me).toEqual({ read_seq: 1, unread_count: 11 });
    expect((await call('mark_read', bob, { thread_id }, { body: { seq: 4 } })).body).toEqual({ read_seq: 4 });
    expect((await call('mark_read', bob, { thread_id })).body).toEqual({ read_seq: 12 });
    expect((await call('mark_read', eve, { thread_id })).status).toBe(403);
    for (const seq of [-1, 1.5, '4', null]) {
      const refused = await call('mark_read', bob, { thread_id }, { body: { seq } });
      expect([refused.status, refused.body.code, refused.body.errors[0].path]).toEqual([400, 'validation_failed', 'seq']);
    }
    expect((await call('mark_all_read', bob, {}, { body: { community_id: id } })).body).toMatchObject({ read_at: expect.any(String) });
    expect((await call('mark_all_read', bob)).body.notifications).toBe(0);
    expect((await call('mark_all_read', eve)).status).toBe(200);
    expect((await call('mark_all_read', eve, {}, { body: { community_id: id } })).status).toBe(403);
    expect((await call('mark_all_read', bob, {}, { body: { community_id: 'x' } })).body.errors[0].path).toBe('community_id');

    expect((await call('remove_member', ada, { community_id: id, member_id: bob.id })).status).toBe(204);
    expect((await call('leave_as_member', ada, { community_id: id })).status).toBeGreaterThanOrEqual(400);
    await call('join_as_member', bob, { community_id: id });
    expect((await call('leave_as_member', bob, { community_id: id })).status).toBe(204);
    const before = (await call('get_member_activity', eve, { member_id: ada.id })).body.items.length;
    expect(before).toBe(11);
    expect((await call('delete_thread', ada, { thread_id: thread_id })).status).toBe(204);
    expect((await call('get_member_activity', eve, { member_id: ada.id })).body).toEqual({ items: [], next_cursor: null });
    expect((await call('get_thread', ada, { thread_id: thread_id })).status).toBe(404);
    expect((await call('list_messages', ada, { thread_id })).status).toBe(404);
    expect((await call('delete_community', ada, { community_id: id })).status).toBe(204);
    expect((await call('get_community', ada, { community_id: id })).status).toBe(404);
  });

  it('shows and changes members', async () => {
    const own = await call('get_member', ada, { member_id: ada.id });
    expect(own.body.email).toBe('ada@example.org');
    expect((await call('get_member_by_username', bob, { username: 'ADA' })).body.email).toBeUndefined();
    expect((await call('get_member', bob, { member_id: ada.id })).body.communities).toBeUndefined();
    expect((await call('update_member', bob, { member_id: ada.id }, { body: { bio: 'x' } })).status).toBe(403);
    expect((await call('update_member', ada, { member_id: ada.id }, { body: { bio: 'Countess', username: 'bob' } })).status).toBe(409);
    expect(
      (await call('update_member', ada, { member_id: ada.id }, { body: { bio: 'Countess', full_name: 'Ada Lovelace' } })).body.bio,
    ).toBe('Countess');
    expect((await call('list_members', bob, {}, { query: 'q=lovel' })).body.items.map((m: { username: string }) => m.username)).toEqual([
      'ada',
    ]);
    const first = await call('list_members', bob, {}, { query: 'limit=2' });
    const second = await call('list_members', bob, {}, { query: `limit=2&cursor=${first.body.next_cursor}` });
    const names = [...first.body.items, ...second.body.items].map((m: { username: string }) => m.username);
    expect(names).toEqual([...names].sort());
    expect(new Set(names).size).toBe(4);
    const dora = await house.person('dora');
    expect((await call('deactivate_member', bob, { member_id: dora.id })).status).toBe(403);
    expect((await call('deactivate_member', dora, { member_id: dora.id })).status).toBe(204);
    expect((await call('get_member', dora, { member_id: dora.id })).status).toBe(401);
    const login = { login: 'dora', password: 'correct horse' };
    expect((await call('login', undefined, {}, { body: login })).status).toBe(403);
    const gone = await call('login', undefined, {}, { body: { ...login, password: 'wrong horse' } });
    const nobody = await call('login', undefined, {}, { body: { login: 'nobody', password: 'correct horse' } });
    expect({ ...gone.body, request_id: '' }).toEqual({ ...nobody.body, request_id: '' });
    const back = await call('reopen_account', undefined, {}, { body: login });
    const again = { ...dora, token: back.body.access_token };
    expect((await call('change_email', again, {}, { body: { email: 'd@example.org' } })).body.email).toBe('d@example.org');
    const secrets = { password: 'correct horse', new_password: 'another horse' };
    expect((await call('change_password', again, {}, { body: secrets })).status).toBe(204);
    expect((await call('end_other_sessions', again, {})).status).toBe(204);
  });

  it('lists notifications and marks them', async () => {
    const { id: community_id } = (await call('create_community', ada, {}, { body: { name: 'Bells' } })).body;
    expect((await call('join_as_member', bob, { community_id: community_id })).status).toBe(200);
    const thread = (await call('create_thread', ada, { community_id }, { body: { title: 'A thread' } })).body;
    const at = Date.now();
    const planted = [];
    for (const n of [1, 2, 3]) {
      const message = (await call('send_message', ada, { thread_id: thread.id }, { body: { content: `@bob ${n}` } })).body;
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
    const listed = (await call('list_notifications', bob)).body;
    expect(listed.items.map((n: { seq: number }) => n.seq)).toEqual([3, 2, 1]);
    expect(listed.unread_count).toBe(3);
    expect((await call('read_notifications', ada, {}, { body: { ids: ['000000000000000000000001'] } })).body).toEqual({ read: 0 });
    expect((await call('read_notifications', bob, {}, { body: { ids: ['000000000000000000000001'] } })).body).toEqual({ read: 1 });
    expect((await call('list_notifications', bob, {}, { query: 'unread=true&limit=1' })).body).toMatchObject({
      next_cursor: expect.any(String),
      unread_count: 2,
    });
    expect((await call('read_notifications', bob)).body).toEqual({ read: 2 });
    expect((await call('delete_community', ada, { community_id: community_id })).status).toBe(204);
    expect((await call('list_notifications', bob)).body).toEqual({ items: [], next_cursor: null, unread_count: 0 });
  });

  it('finds what one may see, page by page, and nothing else', async () => {
    const open = (await call('create_community', ada, {}, { body: { name: 'Open' } })).body.id;
    const closed = (await call('create_community', ada, {}, { body: { name: 'Closed', is_public: false } })).body.id;
    const index = async (community_id: string, n: number): Promise<string> => {
      const thread = (await call('create_thread', ada, { community_id }, { body: { title: `Whales ${n}` } })).body;
      const message = (await call('send_message', ada, { thread_id: thread.id }, { body: { content: `a whale, number ${n}` } })).body;
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
    for (const name of ['search_messages', 'search_threads'] as const) {
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
    expect((await call('search_messages', eve, {}, { query: `q=whale&thread_id=${hidden}` })).status).toBe(404);
    const activity: string[] = [];
    let next = '';
    do {
      const answer = await call('get_member_activity', eve, { member_id: ada.id }, { query: `limit=2${next}` });
      activity.push(...answer.body.items.map((m: { thread_id: string }) => m.thread_id));
      next = answer.body.next_cursor ? `&cursor=${answer.body.next_cursor}` : '';
    } while (next);
    expect(activity).toEqual([...visible].reverse());
    await call('delete_thread', ada, { thread_id: visible[0] ?? '' });
    expect((await call('search_messages', eve, {}, { query: `q=whale&community_id=${open}` })).body.items).toHaveLength(4);
    await call('join_as_member', eve, { community_id: open });
    expect((await call('search_messages', eve, {}, { query: 'q=whale' })).body.items).toHaveLength(4);
  });

  it('takes what changes something by PUT as by PATCH', async () => {
    const named = async (...given: Parameters<typeof call>) => {
      const [name, by, params, rest] = given;
      const [first, second] = [await call(name, by, params, rest), await call(name, by, params, { ...rest, way: 1 })];
      expect([first.status, second.status]).toEqual([200, 200]);
      return [first.body, second.body];
    };
    const community_id: string = (await call('create_community', ada, {}, { body: { name: 'Twice' } })).body.id;
    await call('join_as_member', bob, { community_id });
    const thread_id: string = (await call('create_thread', ada, { community_id }, { body: { title: 'Twice' } })).body.id;
    const message_id: string = (await call('send_message', ada, { thread_id }, { body: { content: 'once' } })).body.id;
    const [title, name, bio] = ['Both', 'Both', 'By both'];
    expect(await named('update_community', ada, { community_id }, { body: { name } })).toMatchObject([{ name }, { name }]);
    expect(await named('update_thread', ada, { thread_id }, { body: { title } })).toMatchObject([{ title }, { title }]);
    const content = 'twice';
    expect(await named('edit_message', ada, { message_id }, { body: { content } })).toMatchObject([{ content }, { content }]);
    expect(await named('update_member', ada, { member_id: ada.id }, { body: { bio } })).toMatchObject([{ bio }, { bio }]);
    const role = 'moderator';
    const given = await named('change_membership', ada, { community_id, member_id: bob.id }, { body: { role } });
    expect(given).toMatchObject([{ role }, { role }]);
  });

  it('carries what version 1 had for sockets alone', async () => {
    const community_id: string = (await call('create_community', ada, {}, { body: { name: 'Signs' } })).body.id;
    await call('join_as_member', bob, { community_id });
    const thread_id: string = (await call('create_thread', ada, { community_id }, { body: { title: 'Signs' } })).body.id;
    const message_id: string = (await call('send_message', ada, { thread_id }, { body: { content: 'see' } })).body.id;
    expect((await call('typing', bob, { thread_id })).status).toBe(204);
    expect((await call('stop_typing', bob, { thread_id })).status).toBe(204);
    expect((await call('typing', eve, { thread_id })).status).toBe(403);
    const marks = async (name: 'add_reaction' | 'remove_reaction') =>
      (await call(name, bob, { message_id, emoji: '👍' })).body.message.reactions;
    expect(await marks('add_reaction')).toEqual([{ emoji: '👍', count: 1, me: true }]);
    expect(await marks('add_reaction')).toEqual([{ emoji: '👍', count: 1, me: true }]);
    expect(await marks('remove_reaction')).toEqual([]);
    expect((await call('add_reaction', eve, { message_id, emoji: '👍' })).status).toBe(403);
    expect((await call('add_reaction', bob, { message_id, emoji: 'lgtm' })).status).toBe(400);
    const changes = await call('sync_thread', eve, { thread_id }, { query: 'after_rev=0' });
    expect(changes.body).toMatchObject({ messages: [{ id: message_id }], complete: true });
    expect((await call('sync_thread', eve, { thread_id })).body.errors).toEqual([expect.objectContaining({ path: 'after_rev' })]);
    expect((await call('set_presence', bob, {}, { body: { state: 'dnd', text: 'writing' } })).body.presence).toBeDefined();
  });

  it('lets people in by invites, and says what can be asked for', async () => {
    const community_id: string = (await call('create_community', ada, {}, { body: { name: 'Closed', is_public: false } })).body.id;
    const make = (nonce: string) => call('create_invite', ada, { community_id }, { body: { nonce } });
    const [made, again] = [await make('n'), await make('n')];
    expect([made.status, again.status, again.body.id]).toEqual([201, 200, made.body.id]);
    const { code, id: invite_id } = made.body;
    expect((await call('list_invites', ada, { community_id })).body.items).toMatchObject([{ id: invite_id }]);
    expect((await call('preview_invite', undefined, { code })).body.community.name).toBe('Closed');
    expect((await call('accept_invite', eve, { code })).body.id).toBe(community_id);
    expect((await call('revoke_invite', ada, { invite_id })).status).toBe(204);
    expect((await call('preview_invite', undefined, { code })).status).toBe(404);
    expect((await call('list_operations', undefined)).body.items).toHaveLength(catalogue.all.length);
    expect((await call('get_version', undefined)).body.history).toMatch(/^[0-9a-f]{24}$/);
  });

  it('makes, orders, gives, takes and deletes roles', async () => {
    const community_id: string = (await call('create_community', ada, {}, { body: { name: 'Guild' } })).body.id;
    await call('join_as_member', bob, { community_id });
    const make = (name: string) => call('create_role', ada, { community_id }, { body: { name, permissions: ['pin_messages'] } });
    const [first, second] = [await make('Tender'), await make('Keeper')];
    expect([first.status, second.status]).toEqual([201, 201]);
    const ids: string[] = [first.body.id, second.body.id];
    const listed = async (): Promise<string[]> =>
      (await call('list_roles', bob, { community_id })).body.items.map(({ id }: { id: string }) => id);
    const [starter, ...rest] = (await listed()).filter((id) => !ids.includes(id));
    const role_ids = [ids[1], ids[0], starter];
    expect((await call('order_roles', ada, { community_id }, { body: { role_ids } })).status).toBe(200);
    expect(await listed()).toEqual([...role_ids, ...rest]);
    const role_id = ids[0]!;
    const color = '#12ab34';
    expect((await call('update_role', ada, { community_id, role_id }, { body: { color } })).body).toMatchObject({ color });
    expect((await call('give_role', bob, { community_id, member_id: bob.id, role_id })).status).toBe(403);
    expect((await call('give_role', ada, { community_id, member_id: bob.id, role_id })).body.roles).toEqual([role_id]);
    expect((await call('get_community', bob, { community_id })).body.me.permissions).toContain('pin_messages');
    expect((await call('take_role', ada, { community_id, member_id: bob.id, role_id })).status).toBe(204);
    expect((await call('delete_role', ada, { community_id, role_id })).status).toBe(204);
    expect(await listed()).not.toContain(role_id);
  });

  it('keeps a closed thread from everybody but its people', async () => {
    const community_id: string = (await call('create_community', ada, {}, { body: { name: 'Halls' } })).body.id;
    for (const who of [bob, eve]) await call('join_as_member', who, { community_id });
    const begin = (body: object) => call('create_thread', ada, { community_id }, { body: { title: 'Board', ...body } });
    expect((await begin({ member_ids: [bob.id] })).body.errors).toEqual([expect.objectContaining({ path: 'member_ids' })]);
    expect((await begin({ is_private: true, member_ids: ['f'.repeat(24)] })).status).toBe(400);
    const made = await begin({ is_private: true, member_ids: [bob.id] });
    expect([made.status, made.body.is_closed]).toEqual([201, true]);
    const thread_id: string = made.body.id;
    const lists = async () => {
      const listed = await Promise.all([ada, bob, eve].map((who) => call('list_threads', who, { community_id })));
      return listed.map(({ body }) => body.items.length);
    };
    expect(await lists()).toEqual([1, 1, 0]);
    expect((await call('get_thread', eve, { thread_id })).status).toBe(404);
    const heads = async (who: typeof ada, query = '') => (await call('sync_heads', who, {}, { query })).body;
    const ofThread = ({ heads: all }: { heads: { thread_id: string }[] }) => all.filter((head) => head.thread_id === thread_id);
    expect(ofThread(await heads(eve))).toEqual([]);
    const { at } = await heads(bob);
    expect(ofThread(await heads(bob, `since=${at}`))).toMatchObject([{ community_id, last_seq: 0 }]);
    expect((await call('sync_heads', bob, {}, { query: 'since=yesterday' })).status).toBe(400);
    const people = await call('list_thread_members', bob, { thread_id });
    expect(people.body.items.map((one: { id: string }) => one.id).sort()).toEqual([ada.id, bob.id].sort());
    expect((await call('add_thread_member', bob, { thread_id, member_id: eve.id })).status).toBe(403);
    expect((await call('add_thread_member', ada, { thread_id, member_id: eve.id })).status).toBe(204);
    expect(await lists()).toEqual([1, 1, 1]);
    expect((await call('remove_thread_member', eve, { thread_id, member_id: eve.id })).status).toBe(204);
    expect(await lists()).toEqual([1, 1, 0]);
    const subject = `member:${eve.id}`;
    const both = { allow: ['view', 'post'], deny: ['post'] };
    expect((await call('set_override', ada, { thread_id, subject }, { body: both })).body.errors).toEqual([
      expect.objectContaining({ path: 'deny' }),
    ]);
    expect((await call('set_override', ada, { thread_id, subject: 'everyone' }, { body: {} })).status).toBe(400);
    const mute = { allow: ['view'], deny: ['post'] };
    expect((await call('set_override', ada, { thread_id, subject }, { body: mute })).body).toEqual({ subject, ...mute });
    const why = (who: typeof ada, member: typeof ada, permission: string, thread = thread_id) =>
      call('explain_permission', who, { community_id }, { query: `member_id=${member.id}&permission=${permission}&thread_id=${thread}` });
    const denied = { source: 'override', id: subject, effect: 'deny' };
    expect((await why(eve, eve, 'post')).body).toMatchObject({ allowed: false, because: expect.arrayContaining([denied]) });
    expect((await why(ada, eve, 'view')).body.allowed).toBe(true);
    expect((await why(eve, bob, 'post')).status).toBe(403);
    expect((await why(eve, eve, 'post', 'f'.repeat(24))).status).toBe(404);
    expect((await call('list_overrides', eve, { thread_id })).body.items).toHaveLength(4);
    expect((await call('send_message', eve, { thread_id }, { body: { content: 'hm' } })).status).toBe(403);
    expect((await call('list_messages', eve, { thread_id })).status).toBe(200);
    expect((await call('delete_override', ada, { thread_id, subject })).status).toBe(204);
    expect((await call('send_message', eve, { thread_id }, { body: { content: 'hm' } })).status).toBe(404);
    expect(await lists()).toEqual([1, 1, 0]);
  });

  it('keeps what the devices of a member share', async () => {
    const community_id: string = (await call('create_community', ada, {}, { body: { name: 'Shelf' } })).body.id;
    const thread_id: string = (await call('create_thread', ada, { community_id }, { body: { title: 'Books' } })).body.id;
    const message_id: string = (await call('send_message', ada, { thread_id }, { body: { content: 'a book' } })).body.id;
    const place = `thread:${thread_id}`;
    expect((await call('put_setting', ada, { key: 'theme' }, { body: { value: 'dark' } })).body).toEqual({ key: 'theme', value: 'dark' });
    expect((await call('list_settings', ada)).body.items).toEqual([{ key: 'theme', value: 'dark' }]);
    expect((await call('save_draft', ada, { place }, { body: { content: 'Half a' } })).status).toBe(204);
    expect((await call('set_place_order', ada, {}, { body: { places: [place] } })).body).toEqual({ places: [place] });
    expect((await call('get_place_order', ada)).body).toEqual({ places: [place] });
    const said = { place, level: 'mentions', muted_until: null };
    expect((await call('set_notification_level', ada, { place }, { body: { level: 'mentions' } })).body).toEqual(said);
    expect((await call('list_notification_levels', ada)).body.items).toEqual([said]);
    expect((await call('save_message', ada, { message_id })).body).toMatchObject({ message_id, thread_id, community_id });
    const { body: synced } = await call('sync_ledgers', ada, {}, { body: { ledgers: { me: -1 } } });
    // What is copied stands beside, as it comes.
    const own = ({ kind }: { kind: string }): boolean => !['membership', 'notification', 'session'].includes(kind);
    const kinds = synced.ledgers[0].items.filter(own).map(({ kind }: { kind: string }) => kind);
    expect(kinds.sort()).toEqual(['draft', 'notification_level', 'place_order', 'saved', 'setting']);
    expect((await call('list_saved', ada)).body.items).toMatchObject([{ message: { id: message_id, content: 'a book' } }]);
    expect((await call('unsave_message', ada, { message_id })).status).toBe(204);
    const { body: page } = await call('sync_ledger', ada, { ledger: 'me' }, { query: `after_rev=${synced.ledgers[0].head_rev}` });
    expect(page.items.filter(own)).toEqual([expect.objectContaining({ kind: 'saved', key: message_id, deleted: true })]);
  });

  it('has been through every way of every operation', () => {
    const ways = catalogue.operations
      .filter((operation) => opensAt(operation, 'rest'))
      .flatMap(waysOf)
      .map(written);
    expect(ways.length).toBeGreaterThan(60);
    expect(ways.filter((way) => !used.has(way))).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { type ClientEventName, clientEvents } from '../../src/protocol/events.js';
import { Fault } from '../../src/protocol/problem.js';
import type { LiveMessage, Notification } from '../../src/protocol/resources.js';
import { startCluster, type TestCluster, until } from '../cluster/harness.js';
import { found, password, record, signUpAndConnect, token } from '../cluster/people.js';
import { expectProblem, knock } from './rest-door.js';

const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'ok',
    (thrown: unknown) => Fault.from(thrown).code,
  );
const idOf = (client: ParleyClient): string => client.memberId as string;

describe("others' things", () => {
  let cluster: TestCluster;
  let url: string;
  let owner: ParleyClient;
  let member: ParleyClient;
  let stranger: ParleyClient;
  const everyone = (): ParleyClient[] => [owner, member, stranger];

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    url = cluster.urls[0] as string;
    [owner, member, stranger] = (await Promise.all(['owner', 'member', 'stranger'].map((name) => signUpAndConnect([url], name)))) as [
      ParleyClient,
      ParleyClient,
      ParleyClient,
    ];
  });
  afterAll(async () => {
    for (const client of everyone()) client.close();
    await cluster.stop();
  });

  const say = async (by: ParleyClient, threadId: string, content: string, reply_to?: string): Promise<LiveMessage> =>
    (await by.rest('sendMessage', { params: { thread_id: threadId }, body: { content, ...(reply_to && { reply_to }) } })) as LiveMessage;
  const usernameOf = async (client: ParleyClient): Promise<string> =>
    (await client.rest('getMember', { params: { id: idOf(client) } })).username;
  /** By any door, with any form. */
  const emitAny = (client: ParleyClient, event: string, payload: unknown): Promise<unknown> =>
    client.emit(event as 'join_thread', payload as { thread_id: string });
  const restAny = (client: ParleyClient, method: string, path: string, json?: unknown) =>
    token(client).then((access) => knock(url, `/api${path}`, { method, token: access, ...(json !== undefined && { json }) }));

  it('16 rooms cannot be joined by name, nor without membership', async () => {
    const { community, thread } = await found(owner, [member]);
    const names = [
      `t:${thread.id}`,
      `c:${community.id}`,
      `m:${idOf(owner)}`,
      `${thread.id},t:${thread.id}`,
      `${thread.id} `,
      thread.id.toUpperCase().replace(/^/, 'X'),
      '*',
      '',
      [thread.id],
      { id: thread.id },
      null,
      1,
    ];
    for (const name of names) {
      expect(await codeOf(emitAny(stranger, 'join_thread', { thread_id: name }))).toBe('validation_failed');
      expect(await codeOf(emitAny(stranger, 'join_community', { community_id: name }))).toBe('validation_failed');
    }
    for (const extra of [{ room: `t:${thread.id}` }, { rooms: [`t:${thread.id}`] }, { member_id: idOf(owner) }]) {
      expect(await codeOf(emitAny(stranger, 'join_thread', { thread_id: thread.id, ...extra }))).toBe('validation_failed');
    }
    for (const event of [
      'join',
      'subscribe',
      'joinRoom',
      'room',
      'new_message',
      'message_updated',
      'notification',
      'session_ended',
      'error',
    ]) {
      expect(await codeOf(emitAny(stranger, event, { room: `t:${thread.id}`, thread_id: thread.id }))).toBe('validation_failed');
    }
    // A thread's id is no community's, nor the other way round.
    expect(await codeOf(stranger.emit('join_community', { community_id: thread.id }))).toBe('not_found');
    expect(await codeOf(stranger.emit('join_thread', { thread_id: community.id }))).toBe('not_found');
    expect(await codeOf(stranger.emit('join_thread', { thread_id: thread.id }))).toBe('forbidden');
    expect(await codeOf(stranger.emit('join_community', { community_id: community.id }))).toBe('forbidden');

    // None of it has subscribed the stranger to anything: only what is said in a thread of its own arrives.
    const heard = record(stranger, 'new_message', 'typing', 'read_receipt', 'thread_updated', 'new_thread', 'presence');
    await member.emit('join_thread', { thread_id: thread.id });
    const echoes = record(member, 'new_message');
    await owner.emit('typing', { thread_id: thread.id });
    await say(owner, thread.id, 'not for strangers');
    await until('the message at a member', () => echoes.length === 1);
    const own = await found(stranger);
    await stranger.emit('join_thread', { thread_id: own.thread.id });
    await say(stranger, own.thread.id, 'mark');
    await until('the mark', () => heard.some((e) => e.event === 'new_message'));
    expect(heard.filter((e) => JSON.stringify(e.payload).includes(thread.id) || JSON.stringify(e.payload).includes(community.id))).toEqual(
      [],
    );
    expect(heard.filter((e) => e.event === 'new_message')).toHaveLength(1);
  });

  it('16 what one has left, or was put out of, is heard no more', async () => {
    const { community, thread } = await found(owner, [member, stranger]);
    const own = await found(stranger);
    const heard = record(stranger, 'new_message', 'new_thread');
    await stranger.emit('join_thread', { thread_id: own.thread.id });
    await stranger.emit('join_thread', { thread_id: thread.id });
    await stranger.emit('join_community', { community_id: community.id });
    await owner.rest('removeMember', { params: { id: community.id, member_id: idOf(stranger) } });
    await say(owner, thread.id, 'after the removal');
    await owner.rest('createThread', { params: { community_id: community.id }, body: { title: 'after the removal' } });
    await say(stranger, own.thread.id, 'mark');
    await until('the mark', () => heard.length > 0);
    expect(heard.map((e) => JSON.stringify(e.payload)).filter((text) => text.includes('after the removal'))).toEqual([]);
  });

  it('17 ids of what is elsewhere, or not theirs, open nothing', async () => {
    const secret = await found(owner, [member], { is_public: false });
    const hidden = await say(owner, secret.thread.id, 'the hidden words');
    const open = await found(owner, [member, stranger]);
    const seen = await say(owner, open.thread.id, 'open words');

    for (const path of [
      `/messages/${hidden.id}`,
      `/messages/thread/${secret.thread.id}`,
      `/messages/thread/${secret.thread.id}/replies/${hidden.id}`,
      `/threads/${secret.thread.id}`,
      `/threads/community/${secret.community.id}`,
      `/communities/${secret.community.id}`,
      `/communities/${secret.community.id}/members`,
    ]) {
      const problem = expectProblem(await restAny(stranger, 'GET', path), 'not_found');
      // The same words as for what never was.
      const never = path.replace(/[0-9a-f]{24}/g, '0123456789abcdef01234567');
      expect(expectProblem(await restAny(stranger, 'GET', never), 'not_found').detail).toBe(problem.detail);
    }
    // A message named under another thread.
    const replies = await restAny(stranger, 'GET', `/messages/thread/${open.thread.id}/replies/${hidden.id}`);
    if (replies.status === 200) expect(replies.body).toEqual({ items: [], next_cursor: null });
    else expectProblem(replies, 'not_found');
    for (const event of ['edit_message', 'delete_message', 'add_reaction'] as const) {
      const payload = {
        message_id: hidden.id,
        ...(event === 'edit_message' && { content: 'x' }),
        ...(event === 'add_reaction' && { emoji: 'x' }),
      };
      expect(await codeOf(emitAny(stranger, event, payload))).toBe('not_found');
    }
    expectProblem(await restAny(stranger, 'PUT', `/messages/${seen.id}`, { content: 'mine now' }), 'forbidden');

    // Sessions.
    const [session] = (await owner.rest('listSessions')).items;
    expectProblem(await restAny(stranger, 'DELETE', `/auth/sessions/${session?.id}`), 'not_found');
    expect((await stranger.rest('listSessions')).items.map((s) => s.id)).not.toContain(session?.id);
    expect((await restAny(owner, 'GET', '/auth/sessions')).status).toBe(200);

    // Notifications.
    const told = new Promise<Notification>((resolve) => owner.on('notification', ({ notification }) => resolve(notification)));
    await say(stranger, open.thread.id, `@${await usernameOf(owner)} look`);
    const notification = await told;
    expect(await stranger.rest('readNotifications', { body: { ids: [notification.id] } })).toEqual({ read: 0 });
    const mine = await owner.rest('listNotifications', { query: { unread: true } });
    expect(mine.items.map((n) => n.id)).toContain(notification.id);
    expect((await stranger.rest('listNotifications')).items).toEqual([]);

    // Profiles: an e-mail is one's own affair.
    const profile = await restAny(stranger, 'GET', `/members/${idOf(owner)}`);
    expect(profile.body).not.toHaveProperty('email');
    expect(profile.body).not.toHaveProperty('communities');
    const list = await restAny(stranger, 'GET', '/members?limit=100');
    expect(list.text).not.toMatch(/email|password|hash|@example\.org/);
  });

  it('17 cursors are places to go on from, not grants', async () => {
    const secret = await found(owner, [], { is_public: false });
    for (const content of ['first', 'second', 'third']) await say(owner, secret.thread.id, content);
    const page = await owner.rest('history', { params: { thread_id: secret.thread.id }, query: { limit: 1 } });
    const cursor = encodeURIComponent(page.next_cursor as string);
    expectProblem(await restAny(stranger, 'GET', `/messages/thread/${secret.thread.id}?cursor=${cursor}`), 'not_found');
    for (const made of [
      'x',
      '%00',
      Buffer.from('{"$ne":null}').toString('base64url'),
      Buffer.from('null').toString('base64url'),
      Buffer.from('{"before":{"$gt":0}}').toString('base64url'),
      Buffer.from('{"before":1,"thread_id":"x"}').toString('base64url'),
      Buffer.from(`${'['.repeat(150)}`).toString('base64url'),
    ]) {
      expectProblem(await restAny(owner, 'GET', `/messages/thread/${secret.thread.id}?cursor=${made}`), 'validation_failed');
      expectProblem(await restAny(owner, 'GET', `/members/${idOf(owner)}/activity?cursor=${made}`), 'validation_failed');
      expectProblem(await restAny(owner, 'GET', `/notifications?cursor=${made}`), 'validation_failed');
    }
  });

  it('18 what only the server says cannot be said for it, at either door', async () => {
    const { community, thread } = await found(owner, [member]);
    const message = await say(member, thread.id, 'mine');
    const bodies: [method: string, path: string, valid: Record<string, unknown>][] = [
      ['POST', '/communities', { name: 'c' }],
      ['PUT', `/communities/${community.id}`, { description: 'd' }],
      ['PUT', `/communities/${community.id}/members/${idOf(member)}`, { muted_until: null }],
      ['POST', `/threads/community/${community.id}`, { title: 't' }],
      ['PUT', `/threads/${thread.id}`, { title: 't' }],
      ['POST', `/threads/${thread.id}/pin`, { is_pinned: false }],
      ['POST', `/messages/thread/${thread.id}`, { content: 'm' }],
      ['PUT', `/messages/${message.id}`, { content: 'm' }],
      ['PUT', `/members/${idOf(owner)}`, { bio: 'b' }],
      ['POST', '/notifications/read', {}],
      ['POST', '/auth/register', { username: 'assigned', email: 'assigned@example.org', password }],
    ];
    const extras: Record<string, unknown> = {
      id: '0123456789abcdef01234567',
      _id: '0123456789abcdef01234567',
      owner: idOf(member),
      created_by: idOf(member),
      author: idOf(owner),
      by: idOf(owner),
      member_id: idOf(owner),
      seq: 1,
      rev: 1,
      epoch: 99,
      created_at: '2000-01-01T00:00:00.000Z',
      edited_at: null,
      deleted_at: null,
      joined_at: '2000-01-01T00:00:00.000Z',
      member_count: 1_000,
      message_count: 1_000,
      last_seq: 1_000,
      head_rev: 1_000,
      is_active: true,
      is_admin: true,
      password_hash: '',
      mentions: [idOf(owner)],
      reactions: [],
    };
    for (const [method, path, valid] of bodies) {
      for (const [name, value] of Object.entries({ ...extras, ...(path.includes('/members/') ? {} : { role: 'owner' }) })) {
        expectProblem(await restAny(owner, method, path, { ...valid, [name]: value }), 'validation_failed');
      }
    }
    expectProblem(await knock(url, '/api/auth/login', { json: { login: 'assigned', password } }), 'unauthenticated');

    const payloads: Record<ClientEventName, Record<string, unknown>> = {
      join_community: { community_id: community.id },
      leave_community: { community_id: community.id },
      join_thread: { thread_id: thread.id },
      leave_thread: { thread_id: thread.id },
      sync_thread: { thread_id: thread.id, after_rev: 0 },
      send_message: { thread_id: thread.id, content: 'm', nonce: 'assigned' },
      edit_message: { message_id: message.id, content: 'm' },
      delete_message: { message_id: message.id },
      add_reaction: { message_id: message.id, emoji: 'x' },
      remove_reaction: { message_id: message.id, emoji: 'x' },
      mark_read: { thread_id: thread.id, seq: 1 },
      typing: { thread_id: thread.id },
      stop_typing: { thread_id: thread.id },
      set_presence: { state: 'online' },
    };
    for (const event of Object.keys(clientEvents) as ClientEventName[]) {
      for (const [name, value] of Object.entries({ ...extras, role: 'owner' })) {
        if (name in payloads[event]) continue;
        expect([event, name, await codeOf(emitAny(member, event, { ...payloads[event], [name]: value }))]).toEqual([
          event,
          name,
          'validation_failed',
        ]);
      }
    }
    const { items } = await owner.rest('history', { params: { thread_id: thread.id } });
    expect(items).toMatchObject([{ id: message.id, content: 'mine', author: idOf(member), rev: 1, seq: 1, reactions: [] }]);
    expect(await owner.rest('getCommunity', { params: { id: community.id } })).toMatchObject({ created_by: idOf(owner), member_count: 2 });
  });

  it('19 nobody acts on those of the same rank or above, grants above the own rank, or changes the own standing', async () => {
    const { community } = await found(owner, [member, stranger]);
    const [moderator, second] = [member, stranger];
    const change = (by: ParleyClient, whom: ParleyClient, body: Record<string, unknown>) =>
      restAny(by, 'PUT', `/communities/${community.id}/members/${idOf(whom)}`, body);
    const remove = (by: ParleyClient, whom: ParleyClient) => restAny(by, 'DELETE', `/communities/${community.id}/members/${idOf(whom)}`);
    const changes = [
      { role: 'member' },
      { role: 'moderator' },
      { role: 'owner' },
      { is_banned: true },
      { is_banned: false },
      { muted_until: '2100-01-01T00:00:00.000Z' },
      { muted_until: null },
      {},
    ];
    // A plain member over anyone, oneself included.
    for (const body of changes) for (const whom of everyone()) expectProblem(await change(second, whom, body), 'forbidden');
    for (const whom of everyone()) expectProblem(await remove(second, whom), 'forbidden');

    expect((await change(owner, moderator, { role: 'moderator' })).status).toBe(200);
    // A moderator over the owner and over oneself; a rank not below one's own to a member.
    for (const body of changes) for (const whom of [owner, moderator]) expectProblem(await change(moderator, whom, body), 'forbidden');
    for (const whom of [owner, moderator]) expectProblem(await remove(moderator, whom), 'forbidden');
    for (const role of ['moderator', 'owner']) expectProblem(await change(moderator, second, { role }), 'forbidden');
    expectProblem(await restAny(moderator, 'DELETE', `/communities/${community.id}`), 'forbidden');
    // A moderator over another one.
    expect((await change(owner, second, { role: 'moderator' })).status).toBe(200);
    for (const body of changes) expectProblem(await change(moderator, second, body), 'forbidden');
    expectProblem(await remove(moderator, second), 'forbidden');
    // The owner over oneself.
    for (const body of changes) expectProblem(await change(owner, owner, body), 'forbidden');
    expectProblem(await remove(owner, owner), 'forbidden');

    const { items } = await owner.rest('listMembersOfCommunity', { params: { id: community.id } });
    expect(Object.fromEntries(items.map((item) => [item.member.id, [item.role, item.is_banned, item.muted_until]]))).toEqual({
      [idOf(owner)]: ['owner', false, null],
      [idOf(moderator)]: ['moderator', false, null],
      [idOf(second)]: ['moderator', false, null],
    });
  });

  it('20 kicked while sends are queued: what was acknowledged is stored, what was refused is not, and nothing comes after', async () => {
    const { community, thread } = await found(owner, [member]);
    const send = (nonce: string) => codeOf(member.emit('send_message', { thread_id: thread.id, content: nonce, nonce }));
    const before = Array.from({ length: 60 }, (_x, i) => `before ${i}`.replace(' ', '-'));
    const queued = before.map(send);
    const kick = owner.rest('removeMember', { params: { id: community.id, member_id: idOf(member) } });
    const during = Array.from({ length: 30 }, (_x, i) => `during-${i}`);
    queued.push(...during.map(send));
    await kick;
    expect(await Promise.all(['after-1', 'after-2', 'after-3'].map(send))).toEqual(['forbidden', 'forbidden', 'forbidden']);
    const outcomes = await Promise.all(queued);
    expect(outcomes.filter((code) => code !== 'ok' && code !== 'forbidden')).toEqual([]);
    const acknowledged = [...before, ...during].filter((_nonce, i) => outcomes[i] === 'ok');
    const { items } = await owner.rest('history', { params: { thread_id: thread.id }, query: { limit: 100 } });
    const stored = items as LiveMessage[];
    expect(stored.map((m) => m.nonce).sort()).toEqual([...acknowledged].sort());
    expect(stored.map((m) => m.seq)).toEqual(stored.map((_m, i) => i + 1));
    const message = stored[0];
    if (message) expect(await codeOf(member.emit('edit_message', { message_id: message.id, content: 'x' }))).toBe('forbidden');
  });

  it('21 private threads stay out of search, quotes, activity and notifications of those outside', async () => {
    const word = `xylophone${Math.random().toString(36).slice(2, 8)}`;
    const secret = await found(owner, [member], { is_public: false });
    const open = await found(owner, [member, stranger]);
    const title = `${word} plans`;
    const hiddenThread = await owner.rest('createThread', { params: { community_id: secret.community.id }, body: { title } });
    const [insiderName, outsiderName] = await Promise.all([usernameOf(member), usernameOf(stranger)]);
    const told = new Promise<Notification>((resolve) => member.on('notification', ({ notification }) => resolve(notification)));
    const hidden = await say(owner, secret.thread.id, `${word} for @${outsiderName} and @${insiderName}`);
    await told;
    await until('the words to be found by a member', async () => {
      const messages = await member.rest('searchMessages', { query: { q: word } });
      const threads = await member.rest('searchThreads', { query: { q: word } });
      return messages.items.length === 1 && threads.items.some((t) => t.id === hiddenThread.id);
    });
    for (const query of [
      `q=${word}`,
      `q=${word}&community_id=${secret.community.id}`,
      `q=${word}&thread_id=${secret.thread.id}`,
      `q=${word}&author=${idOf(owner)}`,
    ]) {
      for (const kind of query.includes('thread_id') || query.includes('author') ? ['messages'] : ['messages', 'threads']) {
        const answer = await restAny(stranger, 'GET', `/${kind}/search?${query}`);
        if (answer.status === 200) expect(answer.body).toEqual({ items: [], next_cursor: null });
        else expectProblem(answer, 'not_found');
        expect(answer.text).not.toContain(hidden.id);
      }
    }
    // Quotes: a reply names only a message of its own thread.
    const quote = await restAny(stranger, 'POST', `/messages/thread/${open.thread.id}`, { content: 'quoting', reply_to: hidden.id });
    const never = await restAny(stranger, 'POST', `/messages/thread/${open.thread.id}`, { content: 'quoting', reply_to: '0'.repeat(24) });
    const [refusal, unknown] = [expectProblem(quote, 'validation_failed'), expectProblem(never, 'validation_failed')];
    expect({ ...refusal, request_id: '' }).toEqual({ ...unknown, request_id: '' });
    // Others' pages.
    for (const path of [`/members/${idOf(owner)}/activity`, `/members/${idOf(owner)}/communities`, '/communities?limit=100']) {
      const answer = await restAny(stranger, 'GET', path);
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain(secret.community.id);
      expect(answer.text).not.toContain(word);
    }
    // The insider was told, so the outsider would have been.
    expect((await stranger.rest('listNotifications')).items.filter((n) => n.message_id === hidden.id)).toEqual([]);
  });
});

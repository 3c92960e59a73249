import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import type { Notification } from '../../src/protocol/resources.js';
import { found, record } from '../cluster/people.js';
import { until } from '../until.js';
import { expectProblem } from './rest-door.js';
import { codeOf, idOf, say, Trio, usernameOf } from './trio.js';

describe("what is not one's own", () => {
  let trio: Trio;
  let owner: ParleyClient;
  let member: ParleyClient;
  let stranger: ParleyClient;

  beforeAll(async () => {
    trio = await Trio.meet();
    ({ owner, member, stranger } = trio);
  });
  afterAll(() => trio?.part());

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
      expect(await codeOf(trio.emit(stranger, 'join_thread', { thread_id: name }))).toBe('validation_failed');
      expect(await codeOf(trio.emit(stranger, 'join_community', { community_id: name }))).toBe('validation_failed');
    }
    for (const extra of [{ room: `t:${thread.id}` }, { rooms: [`t:${thread.id}`] }, { member_id: idOf(owner) }]) {
      expect(await codeOf(trio.emit(stranger, 'join_thread', { thread_id: thread.id, ...extra }))).toBe('validation_failed');
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
      expect(await codeOf(trio.emit(stranger, event, { room: `t:${thread.id}`, thread_id: thread.id }))).toBe('validation_failed');
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
    await owner.operations.removeMember({ community_id: community.id, member_id: idOf(stranger) });
    await say(owner, thread.id, 'after the removal');
    await owner.operations.createThread({ community_id: community.id, title: 'after the removal' });
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
      const problem = expectProblem(await trio.rest(stranger, 'GET', path), 'not_found');
      // The same words as for what never was.
      const never = path.replace(/[0-9a-f]{24}/g, '0123456789abcdef01234567');
      expect(expectProblem(await trio.rest(stranger, 'GET', never), 'not_found').detail).toBe(problem.detail);
    }
    // A message named under another thread.
    const replies = await trio.rest(stranger, 'GET', `/messages/thread/${open.thread.id}/replies/${hidden.id}`);
    if (replies.status === 200) expect(replies.body).toEqual({ items: [], next_cursor: null });
    else expectProblem(replies, 'not_found');
    for (const event of ['edit_message', 'delete_message', 'add_reaction'] as const) {
      const payload = {
        message_id: hidden.id,
        ...(event === 'edit_message' && { content: 'x' }),
        ...(event === 'add_reaction' && { emoji: '👍' }),
      };
      expect(await codeOf(trio.emit(stranger, event, payload))).toBe('not_found');
    }
    expectProblem(await trio.rest(stranger, 'PUT', `/messages/${seen.id}`, { content: 'mine now' }), 'forbidden');
    expectProblem(await trio.rest(stranger, 'PATCH', `/messages/${seen.id}`, { content: 'mine now' }), 'forbidden');

    // Sessions.
    const [session] = (await owner.operations.listSessions()).items;
    expectProblem(await trio.rest(stranger, 'DELETE', `/auth/sessions/${session?.id}`), 'not_found');
    expect((await stranger.operations.listSessions()).items.map((s) => s.id)).not.toContain(session?.id);
    expect((await trio.rest(owner, 'GET', '/auth/sessions')).status).toBe(200);

    // Notifications.
    const told = new Promise<Notification>((resolve) => owner.on('notification', ({ notification }) => resolve(notification)));
    await say(stranger, open.thread.id, `@${await usernameOf(owner)} look`);
    const notification = await told;
    expect(await stranger.operations.readNotifications({ ids: [notification.id] })).toEqual({ read: 0 });
    const mine = await owner.operations.listNotifications({ unread: true });
    expect(mine.items.map((n) => n.id)).toContain(notification.id);
    expect((await stranger.operations.listNotifications()).items).toEqual([]);

    // Profiles: an e-mail is one's own affair.
    const profile = await trio.rest(stranger, 'GET', `/members/${idOf(owner)}`);
    expect(profile.body).not.toHaveProperty('email');
    expect(profile.body).not.toHaveProperty('communities');
    const list = await trio.rest(stranger, 'GET', '/members?limit=100');
    expect(list.text).not.toMatch(/email|password|hash|@example\.org/);
  });

  it('17 cursors are places to go on from, not grants', async () => {
    const secret = await found(owner, [], { is_public: false });
    for (const content of ['first', 'second', 'third']) await say(owner, secret.thread.id, content);
    const page = await owner.operations.listMessages({ thread_id: secret.thread.id, limit: 1 });
    const cursor = encodeURIComponent(page.next_cursor as string);
    expectProblem(await trio.rest(stranger, 'GET', `/messages/thread/${secret.thread.id}?cursor=${cursor}`), 'not_found');
    for (const made of [
      'x',
      '%00',
      Buffer.from('{"$ne":null}').toString('base64url'),
      Buffer.from('null').toString('base64url'),
      Buffer.from('{"before":{"$gt":0}}').toString('base64url'),
      Buffer.from('{"before":1,"thread_id":"x"}').toString('base64url'),
      Buffer.from(`${'['.repeat(150)}`).toString('base64url'),
    ]) {
      expectProblem(await trio.rest(owner, 'GET', `/messages/thread/${secret.thread.id}?cursor=${made}`), 'validation_failed');
      expectProblem(await trio.rest(owner, 'GET', `/members/${idOf(owner)}/activity?cursor=${made}`), 'validation_failed');
      expectProblem(await trio.rest(owner, 'GET', `/notifications?cursor=${made}`), 'validation_failed');
    }
  });

  it('21 private threads stay out of search, quotes, activity and notifications of those outside', async () => {
    const word = `xylophone${Math.random().toString(36).slice(2, 8)}`;
    const secret = await found(owner, [member], { is_public: false });
    const open = await found(owner, [member, stranger]);
    const title = `${word} plans`;
    const hiddenThread = await owner.operations.createThread({ community_id: secret.community.id, title });
    const [insiderName, outsiderName] = await Promise.all([usernameOf(member), usernameOf(stranger)]);
    const told = new Promise<Notification>((resolve) => member.on('notification', ({ notification }) => resolve(notification)));
    const hidden = await say(owner, secret.thread.id, `${word} for @${outsiderName} and @${insiderName}`);
    await told;
    await until('the words to be found by a member', async () => {
      const messages = await member.operations.searchMessages({ q: word });
      const threads = await member.operations.searchThreads({ q: word });
      return messages.items.length === 1 && threads.items.some((t) => t.id === hiddenThread.id);
    });
    for (const query of [
      `q=${word}`,
      `q=${word}&community_id=${secret.community.id}`,
      `q=${word}&thread_id=${secret.thread.id}`,
      `q=${word}&author=${idOf(owner)}`,
    ]) {
      for (const kind of query.includes('thread_id') || query.includes('author') ? ['messages'] : ['messages', 'threads']) {
        const answer = await trio.rest(stranger, 'GET', `/${kind}/search?${query}`);
        if (answer.status === 200) expect(answer.body).toEqual({ items: [], next_cursor: null });
        else expectProblem(answer, 'not_found');
        expect(answer.text).not.toContain(hidden.id);
      }
    }
    // Quotes: a reply names only a message of its own thread.
    const quote = await trio.rest(stranger, 'POST', `/messages/thread/${open.thread.id}`, { content: 'quoting', reply_to: hidden.id });
    const never = await trio.rest(stranger, 'POST', `/messages/thread/${open.thread.id}`, { content: 'quoting', reply_to: '0'.repeat(24) });
    const [refusal, unknown] = [expectProblem(quote, 'validation_failed'), expectProblem(never, 'validation_failed')];
    expect({ ...refusal, request_id: '' }).toEqual({ ...unknown, request_id: '' });
    // Others' pages.
    for (const path of [`/members/${idOf(owner)}/activity`, `/members/${idOf(owner)}/communities`, '/communities?limit=100']) {
      const answer = await trio.rest(stranger, 'GET', path);
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain(secret.community.id);
      expect(answer.text).not.toContain(word);
    }
    // The insider was told, so the outsider would have been.
    expect((await stranger.operations.listNotifications()).items.filter((n) => n.message_id === hidden.id)).toEqual([]);
  });
});

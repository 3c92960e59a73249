import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { type ClientEventName, clientEvents } from '../../src/protocol/events.js';
import type { LiveMessage } from '../../src/protocol/resources.js';
import { found, password } from '../cluster/people.js';
import { expectProblem, knock } from './rest-door.js';
import { codeOf, idOf, say, Trio } from './trio.js';

describe('standing, and what only the server says', () => {
  let trio: Trio;
  let owner: ParleyClient;
  let member: ParleyClient;
  let stranger: ParleyClient;

  beforeAll(async () => {
    trio = await Trio.meet();
    ({ owner, member, stranger } = trio);
  });
  afterAll(() => trio?.part());

  it('18 what only the server says cannot be said for it, at either door', async () => {
    const { community, thread } = await found(owner, [member]);
    const message = await say(member, thread.id, 'mine');
    const bodies: [method: string, path: string, valid: Record<string, unknown>][] = [
      ['POST', '/communities', { name: 'c' }],
      ['PUT', `/communities/${community.id}`, { description: 'd' }],
      ['PUT', `/communities/${community.id}/members/${idOf(member)}`, { muted_until: null }],
      ['PUT', `/communities/${community.id}/owner`, { member_id: idOf(owner) }],
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
      owner_id: idOf(member),
      owner_version: 9,
      handed_over_by: idOf(member),
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
        if (name in valid) continue;
        expectProblem(await trio.rest(owner, method, path, { ...valid, [name]: value }), 'validation_failed');
      }
    }
    expectProblem(await knock(trio.url, '/api/auth/login', { json: { login: 'assigned', password } }), 'unauthenticated');

    const payloads: Record<ClientEventName, Record<string, unknown>> = {
      join_community: { community_id: community.id },
      leave_community: { community_id: community.id },
      join_thread: { thread_id: thread.id },
      leave_thread: { thread_id: thread.id },
      sync_thread: { thread_id: thread.id, after_rev: 0 },
      send_message: { thread_id: thread.id, content: 'm', nonce: 'assigned' },
      edit_message: { message_id: message.id, content: 'm' },
      delete_message: { message_id: message.id },
      add_reaction: { message_id: message.id, emoji: '👍' },
      remove_reaction: { message_id: message.id, emoji: '👍' },
      mark_read: { thread_id: thread.id, seq: 1 },
      mark_all_read: {},
      typing: { thread_id: thread.id },
      stop_typing: { thread_id: thread.id },
    };
    for (const event of Object.keys(clientEvents) as ClientEventName[]) {
      for (const [name, value] of Object.entries({ ...extras, role: 'owner' })) {
        if (name in payloads[event]) continue;
        expect([event, name, await codeOf(trio.emit(member, event, { ...payloads[event], [name]: value }))]).toEqual([
          event,
          name,
          'validation_failed',
        ]);
      }
    }
    const { items } = await owner.rest('history', { params: { thread_id: thread.id } });
    expect(items).toMatchObject([{ id: message.id, content: 'mine', author: idOf(member), rev: 1, seq: 1, reactions: [] }]);
    expect(await owner.rest('getCommunity', { params: { id: community.id } })).toMatchObject({
      created_by: idOf(owner),
      owner_id: idOf(owner),
      member_count: 2,
    });
  });

  it('19 nobody acts on those of the same rank or above, grants above the own rank, or changes the own standing', async () => {
    const { community } = await found(owner, [member, stranger]);
    const [moderator, second] = [member, stranger];
    const change = (by: ParleyClient, whom: ParleyClient, body: Record<string, unknown>) =>
      trio.rest(by, 'PUT', `/communities/${community.id}/members/${idOf(whom)}`, body);
    const remove = (by: ParleyClient, whom: ParleyClient) => trio.rest(by, 'DELETE', `/communities/${community.id}/members/${idOf(whom)}`);
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
    for (const body of changes) for (const whom of trio.everyone) expectProblem(await change(second, whom, body), 'forbidden');
    for (const whom of trio.everyone) expectProblem(await remove(second, whom), 'forbidden');

    expect((await change(owner, moderator, { role: 'moderator' })).status).toBe(200);
    // A moderator over the owner and over oneself; a rank not below one's own to a member.
    for (const body of changes) for (const whom of [owner, moderator]) expectProblem(await change(moderator, whom, body), 'forbidden');
    for (const whom of [owner, moderator]) expectProblem(await remove(moderator, whom), 'forbidden');
    for (const role of ['moderator', 'owner']) expectProblem(await change(moderator, second, { role }), 'forbidden');
    expectProblem(await trio.rest(moderator, 'DELETE', `/communities/${community.id}`), 'forbidden');
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

  it('19 a mute outlives leaving and coming back, at every moment of it', async () => {
    const { community, thread } = await found(owner, [member]);
    const params = { id: community.id };
    await owner.rest('changeMembership', {
      params: { ...params, member_id: idOf(member) },
      body: { muted_until: '2100-01-01T00:00:00.000Z' },
    });
    let nonce = 0;
    const send = () => codeOf(member.emit('send_message', { thread_id: thread.id, content: 'x', nonce: `n${nonce++}` }));
    for (let round = 0; round < 5; round++) {
      await member.rest('leaveCommunity', { params });
      let back = false;
      const coming = member.rest('joinCommunity', { params }).then(() => {
        back = true;
      });
      while (!back) expect(await send()).toBe('forbidden');
      await coming;
      expect(await send()).toBe('forbidden');
    }
    expect((await owner.rest('getThread', { params: { id: thread.id } })).last_seq).toBe(0);
  });

  it('20 kicked while sends are queued: what was acknowledged is stored, what was refused is not, and nothing comes after', async () => {
    const { community, thread } = await found(owner, [member]);
    const send = (nonce: string) => codeOf(member.emit('send_message', { thread_id: thread.id, content: nonce, nonce }));
    // From here on the thread knows how the member stands, and must be told when that changes.
    expect(await send('first')).toBe('ok');
    const before = Array.from({ length: 60 }, (_x, i) => `before ${i}`.replace(' ', '-'));
    const queued = before.map(send);
    const kick = owner.rest('removeMember', { params: { id: community.id, member_id: idOf(member) } });
    const during = Array.from({ length: 30 }, (_x, i) => `during-${i}`);
    queued.push(...during.map(send));
    await kick;
    expect(await Promise.all(['after-1', 'after-2', 'after-3'].map(send))).toEqual(['forbidden', 'forbidden', 'forbidden']);
    const outcomes = await Promise.all(queued);
    expect(outcomes.filter((code) => code !== 'ok' && code !== 'forbidden')).toEqual([]);
    const acknowledged = ['first', ...[...before, ...during].filter((_nonce, i) => outcomes[i] === 'ok')];
    const { items } = await owner.rest('history', { params: { thread_id: thread.id }, query: { limit: 100 } });
    const stored = items as LiveMessage[];
    expect(stored.map((m) => m.nonce).sort()).toEqual([...acknowledged].sort());
    expect(stored.map((m) => m.seq)).toEqual(stored.map((_m, i) => i + 1));
    const message = stored[0] as LiveMessage;
    expect(await codeOf(member.emit('edit_message', { message_id: message.id, content: 'x' }))).toBe('forbidden');
  });
});

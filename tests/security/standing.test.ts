import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import type { LiveMessage } from '../../src/protocol/resources.js';
import { found, password, token } from '../cluster/people.js';
import { byRest, bySocket, operations, restWaysOf, socketNamesOf } from './doors.js';
import { expectProblem, knock, outcomeOf } from './rest-door.js';
import { codeOf, idOf, say, Trio } from './trio.js';

const pick = (from: Record<string, string>, fields: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(from).filter(([field]) => fields.includes(field)));

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
    const extras: Record<string, unknown> = {
      id: '0123456789abcdef01234567',
      _id: '0123456789abcdef01234567',
      owner: idOf(member),
      owner_id: idOf(member),
      ledger_rev: 9,
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
      role: 'owner',
    };
    const scene: Record<string, string> = {
      community_id: community.id,
      thread_id: thread.id,
      message_id: message.id,
      member_id: idOf(member),
      session_id: '0123456789abcdef01234567',
      role_id: '0123456789abcdef01234567',
      place: `thread:${thread.id}`,
      ledger: 'me',
      key: 'theme',
    };
    const given: Record<string, Record<string, unknown>> = {
      change_membership: { muted_until: null },
      edit_message: { content: 'm' },
      register: { username: 'assigned', email: 'assigned@example.org', password },
    };
    const access = await token(member);
    for (const operation of operations) {
      const { name, input } = operation;
      const valid = { ...pick(scene, Object.keys(input.shape)), ...(given[name] ?? operation.example) };
      expect([name, input.safeParse(valid).error]).toEqual([name, undefined]);
      for (const [extra, value] of Object.entries(extras)) {
        if (extra in input.shape) continue;
        for (const way of restWaysOf(operation).filter(({ method }) => method !== 'get')) {
          expectProblem(await byRest(trio.url, way, { ...valid, [extra]: value }, access), 'validation_failed');
        }
        for (const event of socketNamesOf(operation)) {
          const outcome = await bySocket(member, event, { ...valid, [extra]: value });
          expect([event, extra, outcome]).toEqual([event, extra, 'validation_failed']);
        }
      }
    }
    expectProblem(await knock(trio.url, '/api/auth/login', { json: { login: 'assigned', password } }), 'unauthenticated');
    const { items } = await owner.operations.listMessages({ thread_id: thread.id });
    expect(items).toMatchObject([{ id: message.id, content: 'mine', author: idOf(member), rev: 1, seq: 1, reactions: [] }]);
    expect(await owner.operations.getCommunity({ community_id: community.id })).toMatchObject({
      created_by: idOf(owner),
      owner_id: idOf(owner),
      member_count: 2,
    });
  });

  it('19 nobody acts on those of the same rank or above, grants above the own rank, or changes the own standing', async () => {
    const { community } = await found(owner, [member, stranger]);
    const [moderator, second] = [member, stranger];
    // By either method the same.
    const change = async (by: ParleyClient, whom: ParleyClient, body: Record<string, unknown>) => {
      const path = `/communities/${community.id}/members/${idOf(whom)}`;
      const [put, patch] = [await trio.rest(by, 'PUT', path, body), await trio.rest(by, 'PATCH', path, body)];
      expect([patch.status, outcomeOf(patch)]).toEqual([put.status, outcomeOf(put)]);
      return put;
    };
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

    const { items } = await owner.operations.listCommunityMembers({ community_id: community.id });
    expect(Object.fromEntries(items.map((item) => [item.member.id, [item.role, item.is_banned, item.muted_until]]))).toEqual({
      [idOf(owner)]: ['owner', false, null],
      [idOf(moderator)]: ['moderator', false, null],
      [idOf(second)]: ['moderator', false, null],
    });
  });

  it('19 a mute outlives leaving and coming back, at every moment of it', async () => {
    const { community, thread } = await found(owner, [member]);
    const params = { community_id: community.id };
    await owner.operations.changeMembership({ ...params, member_id: idOf(member), muted_until: '2100-01-01T00:00:00.000Z' });
    let nonce = 0;
    const send = () => codeOf(member.emit('send_message', { thread_id: thread.id, content: 'x', nonce: `n${nonce++}` }));
    for (let round = 0; round < 5; round++) {
      await member.operations.leaveAsMember(params);
      let back = false;
      const coming = member.operations.joinAsMember(params).then(() => {
        back = true;
      });
      while (!back) expect(await send()).toBe('forbidden');
      await coming;
      expect(await send()).toBe('forbidden');
    }
    expect((await owner.operations.getThread({ thread_id: thread.id })).last_seq).toBe(0);
  });

  it('20 kicked while sends are queued: what was acknowledged is stored, what was refused is not, and nothing comes after', async () => {
    const { community, thread } = await found(owner, [member]);
    const send = (nonce: string) => codeOf(member.emit('send_message', { thread_id: thread.id, content: nonce, nonce }));
    // From here on the thread knows how the member stands, and must be told when that changes.
    expect(await send('first')).toBe('ok');
    const before = Array.from({ length: 60 }, (_x, i) => `before ${i}`.replace(' ', '-'));
    const queued = before.map(send);
    const kick = owner.operations.removeMember({ community_id: community.id, member_id: idOf(member) });
    const during = Array.from({ length: 30 }, (_x, i) => `during-${i}`);
    queued.push(...during.map(send));
    await kick;
    expect(await Promise.all(['after-1', 'after-2', 'after-3'].map(send))).toEqual(['forbidden', 'forbidden', 'forbidden']);
    const outcomes = await Promise.all(queued);
    expect(outcomes.filter((code) => code !== 'ok' && code !== 'forbidden')).toEqual([]);
    const acknowledged = ['first', ...[...before, ...during].filter((_nonce, i) => outcomes[i] === 'ok')];
    const { items } = await owner.operations.listMessages({ thread_id: thread.id, limit: 100 });
    const stored = items as LiveMessage[];
    expect(stored.map((m) => m.nonce).sort()).toEqual([...acknowledged].sort());
    expect(stored.map((m) => m.seq)).toEqual(stored.map((_m, i) => i + 1));
    const message = stored[0] as LiveMessage;
    expect(await codeOf(member.emit('edit_message', { message_id: message.id, content: 'x' }))).toBe('forbidden');
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../../src/kernel/ids.js';
import { UnreadStage } from './unread-stage.js';

let u: UnreadStage;
beforeEach(async () => {
  u = await UnreadStage.open();
});
afterEach(() => u.stop());

const times = (n: number): number[] => Array.from({ length: n }, (_, at) => at);

describe('what came before somebody joined', () => {
  it('is not unread, and what comes after is', async () => {
    for (const n of times(5)) await u.say(`before ${n}`);
    const ben = await u.join('ben');
    expect(await u.unread(ben)).toBe(0);
    await u.say('after');
    expect(await u.unread(ben)).toBe(1);
    expect((await u.get(ben)).me).toEqual({ read_seq: 5, unread_count: 1 });
    await u.say('after that');
    expect(await u.unread(ben)).toBe(2);
  });

  it('is not unread at the first look, however late that comes, whichever way it is', async () => {
    for (const n of times(5)) await u.say(`before ${n}`);
    const ben = await u.join('ben');
    for (const n of times(3)) await u.say(`after ${n}`);
    await u.settle();
    expect((await u.list(ben))[0]?.me).toEqual({ read_seq: 5, unread_count: 3 });
    const eve = await u.join('eve');
    await u.say('last');
    expect((await u.opened(eve)).me).toEqual({ read_seq: 8, unread_count: 1 });
  });

  it('is worked out once, and kept', async () => {
    for (const n of times(5)) await u.say(`before ${n}`);
    const ben = await u.join('ben');
    await u.settle();
    await u.say('after');
    await u.settle();
    u.calls.clear();
    for (const _ of times(3)) expect((await u.list(ben))[0]?.me?.unread_count).toBe(1);
    expect(u.calls.get('messages.seqAt')).toBe(1);
    expect(await u.stage.store.reads.get(u.stage.thread, ben)).toMatchObject({ seq: 5 });
  });

  it('counts for a thread that was begun after it, from its beginning', async () => {
    const ben = await u.join('ben');
    const thread = newId(7);
    const begun = { type: 'create_thread', by: u.stage.owner, thread_id: thread, title: 'later', content: null, tags: [] };
    await u.stage.askCommunity(begun);
    await u.stage.actors.ask({ kind: 'thread', key: thread }, {
      ...{ type: 'send', by: u.stage.owner, message_id: newId(5), content: 'x', reply_to: null, attachments: [], mentions: [], nonce: 'n' },
    } as never);
    await u.settle();
    u.calls.clear();
    expect((await u.list(ben)).find(({ id }) => id === thread)?.me).toEqual({ read_seq: 0, unread_count: 1 });
    expect(u.calls.get('messages.seqAt')).toBeUndefined();
  });

  it('is what was written while one was away, for one who comes back; what was read stays read', async () => {
    for (const n of times(3)) await u.say(`${n}`);
    const ben = await u.join('ben');
    for (const n of times(4)) await u.say(`${n}`);
    expect(await u.markRead(ben, 5)).toBe(5);
    expect(await u.unread(ben)).toBe(2);
    await u.leave(ben);
    await u.say('while away');
    await u.comeBack(ben);
    expect(await u.unread(ben)).toBe(0);
    await u.say('after');
    expect(await u.unread(ben)).toBe(1);
    expect(await u.markRead(ben, 1)).toBe(8);
  });

  it('outlives the owner of the thread', async () => {
    for (const n of times(5)) await u.say(`${n}`);
    const ben = await u.join('ben');
    await u.say('after');
    expect((await u.get(ben)).me?.unread_count).toBe(1);
    await u.stage.changeOwner('lost');
    expect(await u.unread(ben)).toBe(1);
  });

  it('is nothing to one who is no member', async () => {
    await u.say('x');
    await u.settle();
    expect((await u.get(newId(8))).me).toBeUndefined();
    expect((await u.list(newId(8)))[0]?.me).toBeUndefined();
  });
});

describe('deleted messages', () => {
  it('are not unread: two sent and deleted are none', async () => {
    const ben = await u.join('ben');
    const sent = [await u.say('a'), await u.say('b')];
    expect(await u.unread(ben)).toBe(2);
    for (const id of sent) await u.remove(id);
    expect(await u.unread(ben)).toBe(0);
    expect(await u.get(ben)).toMatchObject({ message_count: 0, last_seq: 2, me: { unread_count: 0 } });
  });

  it('count only where they come after what was read', async () => {
    const ben = await u.join('ben');
    const sent: string[] = [];
    for (const n of times(8)) sent.push(await u.say(`${n}`));
    await u.markRead(ben, 4);
    for (const at of [0, 2, 5, 7]) await u.remove(sent[at]!);
    expect(await u.unread(ben)).toBe(2);
    await u.markRead(ben, 6);
    expect(await u.unread(ben)).toBe(1);
    await u.markRead(ben);
    expect(await u.unread(ben)).toBe(0);
  });

  it('are counted also where they lie further back than memory does', async () => {
    const ben = await u.join('ben');
    const sent: string[] = [];
    for (const n of times(300)) sent.push((await u.stage.send(`${n}`)).message.id);
    await u.pass();
    await u.markRead(ben, 2);
    for (const at of [0, 3, 4, 299]) await u.remove(sent[at]!);
    expect(await u.unread(ben)).toBe(295);
  });

  it('cost the list nothing where nothing was deleted, nothing came or nothing was read, and are counted once a head', async () => {
    const [ben, eve] = [await u.join('ben'), await u.join('eve')];
    await u.settle();
    const sent: string[] = [];
    for (const n of times(4)) sent.push(await u.say(`${n}`));
    await u.markRead(ben, 1);
    await u.settle();
    u.calls.clear();
    await u.list(ben);
    expect(Object.fromEntries(u.calls)).toEqual({ 'threads.listByCommunity': 1, 'reads.forMember': 1 });
    await u.remove(sent[2]!);
    await u.settle();
    u.calls.clear();
    for (const _ of times(3)) expect((await u.list(ben))[0]?.me?.unread_count).toBe(2);
    expect((await u.list(eve))[0]?.me?.unread_count).toBe(3);
    await u.markRead(eve);
    expect((await u.list(eve))[0]?.me?.unread_count).toBe(0);
    expect(u.calls.get('messages.countDeleted')).toBe(1);
  });
});

describe('marking as read', () => {
  it('of a thread, without a seq, is all of it; again it changes nothing', async () => {
    const ben = await u.join('ben');
    for (const n of times(3)) await u.say(`${n}`);
    expect(await u.markRead(ben)).toBe(3);
    expect(await u.unread(ben)).toBe(0);
    expect(await u.markRead(ben)).toBe(3);
    expect(await u.markRead(ben, 1)).toBe(3);
    await u.say('more');
    expect(await u.unread(ben)).toBe(1);
  });

  it.each([
    ['of a community', (stage: UnreadStage) => stage.stage.community],
    ['of everything', () => undefined],
  ])('%s reaches threads that hold cursors in memory, and outlives them', async (_, community) => {
    const ben = await u.join('ben');
    for (const n of times(4)) await u.say(`${n}`);
    await u.markRead(ben, 1);
    expect((await u.get(ben)).me?.unread_count).toBe(3);
    await u.markAllRead(ben, community(u));
    expect(await u.unread(ben)).toBe(0);
    await u.say('more');
    expect(await u.unread(ben)).toBe(1);
    expect((await u.get(ben)).me?.read_seq).toBe(4);
    await u.stage.changeOwner('lost');
    expect(await u.unread(ben)).toBe(1);
    await u.markAllRead(ben, community(u));
    await u.markAllRead(ben, community(u));
    expect(await u.unread(ben)).toBe(0);
  });

  it('of a community takes one write, and its notifications with it', async () => {
    const ben = await u.join('ben');
    const { community, thread, owner, store } = u.stage;
    const of = { member_id: ben, actor: owner, kind: 'mention' as const, created_at: 1, read_at: null, seq: 1 };
    await store.notifications.insert([
      { ...of, id: newId(1), message_id: newId(1), community_id: community, thread_id: thread },
      { ...of, id: newId(1), message_id: newId(1), community_id: newId(1), thread_id: newId(1) },
    ]);
    await u.markAllRead(ben, community);
    expect(await store.notifications.list(ben, { unread: true }, { limit: 10 })).toHaveLength(1);
    await u.markAllRead(ben);
    expect(await store.notifications.list(ben, { unread: true }, { limit: 10 })).toHaveLength(0);
  });

  it('of a thread takes its notifications with it, where no seq is named', async () => {
    const ben = await u.join('ben');
    await u.say('x');
    const { community: community_id, thread: thread_id, owner: actor, store } = u.stage;
    const of = { member_id: ben, actor, kind: 'mention' as const, created_at: 1, read_at: null, seq: 1, community_id };
    await store.notifications.insert([
      { ...of, id: newId(1), message_id: newId(1), thread_id },
      { ...of, id: newId(1), message_id: newId(1), thread_id: newId(1) },
    ]);
    await u.markRead(ben, 1);
    expect(await store.notifications.list(ben, { unread: true }, { limit: 10 })).toHaveLength(2);
    await u.markRead(ben);
    expect(await store.notifications.list(ben, { unread: true }, { limit: 10 })).toHaveLength(1);
  });

  it('of a community is refused to those who are not in it, and of everything passes it over', async () => {
    const stranger = newId(8);
    await expect(u.markAllRead(stranger, u.stage.community)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(u.markAllRead(stranger, newId(8))).rejects.toMatchObject({ code: 'not_found' });
    await expect(u.markAllRead(stranger)).resolves.toBeUndefined();
    expect((await u.access(stranger)).unread_since).toBeUndefined();
  });
});

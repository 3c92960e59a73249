import { beforeEach, describe, expect, it } from '@jest/globals';
import { audienceOf } from '../../../src/actors/domain/thread/audience.js';
import { threadAddress } from '../../../src/actors/domain/thread/messages.js';
import { isClosedThread } from '../../../src/authority/closure.js';
import { newId } from '../../../src/kernel/ids.js';
import { Stage } from './stage.js';

const ada = newId(10);
const eve = newId(11);
const tell = (stage: Stage, message: object): void => stage.actors.tell(threadAddress(stage.thread), message as never);

describe('who may view a thread', () => {
  let stage: Stage;
  const audience = (members: unknown) => stage.during(stage.ask<{ members: string[] }>({ type: 'audience', members } as never));

  beforeEach(async () => {
    stage = await new Stage().open();
    await stage.askCommunity({ type: 'join', by: ada });
  });

  it('is asked of the community for each member anew, past what the thread remembers', async () => {
    expect(await audience([ada, eve, stage.owner])).toEqual({ members: [ada, eve, stage.owner], access_rev: expect.any(Number) });
    await stage.askCommunity({ type: 'update', by: stage.owner, patch: { is_public: false } });
    expect(await audience([ada, eve, stage.owner])).toMatchObject({ members: [ada, stage.owner] });
    await stage.askCommunity({ type: 'remove_member', by: stage.owner, member_id: ada });
    expect(await audience([ada])).toMatchObject({ members: [] });
  });

  it('is nobody of a thread that was deleted, and no answer for what is no list of members', async () => {
    for (const junk of [undefined, 'x', [7], { length: 1 }, [null]]) {
      await expect(audience(junk)).rejects.toMatchObject({ code: 'validation_failed' });
    }
    expect(await audience([])).toEqual({ members: [], access_rev: 0 });
    await stage.ask({ type: 'delete_thread', by: stage.owner });
    await expect(audience([ada])).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('an audience', () => {
  const access = (access_rev: number) => ({ is_public: true, role: null, access_rev }) as never;

  it('is as old as the oldest answer that it rests on', async () => {
    const revs: Record<string, number> = { a: 7, b: 5, c: 9 };
    expect(await audienceOf(['a', 'b', 'c', 'a'], async (member) => access(revs[member]!))).toMatchObject({ access_rev: 5 });
  });

  it('is none when of somebody nothing can be learned', async () => {
    const answer = async (member: string) => (member === 'b' ? Promise.reject(new Error('no answer')) : access(1));
    await expect(audienceOf(['a', 'b', 'c'], answer)).rejects.toThrow('no answer');
  });
});

describe('a change of standing', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await new Stage().open();
    await stage.askCommunity({ type: 'join', by: ada });
    await stage.ask({ type: 'open', by: ada });
  });

  it('takes whoever lost their place out of the room of the thread, before what is published there next', async () => {
    await stage.askCommunity({ type: 'remove_member', by: stage.owner, member_id: ada });
    await stage.ask({ type: 'head' });
    expect([stage.evicted, stage.evictedFromThread]).toEqual([[ada], [ada]]);
  });

  it('is no cause to look again in a thread that is open', async () => {
    tell(stage, { type: 'access_changed', access: { member_id: ada, role: 'moderator', access_rev: 7 } });
    tell(stage, { type: 'community_changed' });
    expect(await stage.ask({ type: 'head' })).toEqual({ head_rev: 0, last_seq: 0 });
    expect([stage.evictedFromThread, stage.rechecked]).toEqual([[], []]);
  });
});

describe('a closed thread', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await new Stage().open();
    await stage.askCommunity({ type: 'join', by: ada });
    const { byId } = stage.store.threads;
    const overrides = [{ subject: `role:${stage.community}`, allow: [], deny: ['view'] }];
    stage.store.threads.byId = async (id) => {
      const record = await byId.call(stage.store.threads, id);
      return record && ({ ...record, overrides } as never);
    };
  });

  it('tells nodes that it is closed, and those who hear of it are decided anew when somebody’s standing changes', async () => {
    expect(await stage.ask({ type: 'head' })).toMatchObject({ closed_in: stage.community });
    expect(await stage.ask({ type: 'open', by: stage.owner })).toMatchObject({ thread: { is_closed: true } });
    await expect(stage.ask({ type: 'open', by: ada })).rejects.toMatchObject({ code: 'not_found' });
    tell(stage, { type: 'access_changed', access: { member_id: ada, role: 'moderator', access_rev: 7 } });
    await stage.ask({ type: 'head' });
    const place = { community_id: stage.community, thread_id: stage.thread, access_rev: 7, thread: { id: stage.thread } };
    expect(stage.rechecked).toMatchObject([{ ...place, member_id: ada }]);
    tell(stage, { type: 'community_changed' });
    await stage.ask({ type: 'head' });
    expect(stage.rechecked[1]).toMatchObject({ ...place, access_rev: 0 });
    expect(stage.rechecked[1]).not.toHaveProperty('member_id');
  });

  it('is told of to those who may view it, and when it is deleted it still says for a while who they are', async () => {
    await stage.ask({ type: 'update', by: stage.owner, patch: { title: 'x' } });
    await stage.ask({ type: 'delete_thread', by: stage.owner });
    const told = stage.published.filter(({ event }) => ['thread_updated', 'thread_deleted'].includes(event));
    expect(told.map(({ event, audience }) => [event, audience])).toEqual([
      ['thread_updated', stage.thread],
      // In the room of the community, and in that of its heads.
      ['thread_deleted', stage.thread],
      ['thread_deleted', stage.thread],
    ]);
    await expect(stage.ask({ type: 'open', by: ada })).rejects.toMatchObject({ code: 'not_found' });
    const members = [ada, stage.owner];
    expect(await stage.ask({ type: 'audience', members })).toMatchObject({ members: [stage.owner] });
    await stage.clock.advance(10_000);
    await expect(stage.ask({ type: 'audience', members: [ada] })).rejects.toMatchObject({ code: 'not_found' });
  });
});

it.each([
  [undefined, false],
  [[], false],
  [[{ deny: [] }, { deny: ['post'] }], false],
  [[{ deny: ['post', 'view'] }], true],
  [[{ deny: [] }, { deny: ['view'] }], true],
])('a thread with the overrides %j is closed: %s', (overrides, isClosed) => {
  expect(isClosedThread({ ...(overrides && { overrides }) } as never)).toBe(isClosed);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { newsEveryMs } from '../../src/actors/domain/community/head-news.js';
import type { HeadsView, ParleyClient } from '../../src/client/index.js';
import { headsRoom } from '../../src/protocol/rooms.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { OwnRedis } from './own-redis.js';
import { found, record, signUpAndConnect } from './people.js';

/** Ada speaks on one node; Ben and Eve are connected to the other, and follow no thread and no community. */
describe('where threads stand, for who follows none of them', () => {
  let redis: OwnRedis;
  let monitor: Redis;
  let cluster: TestCluster;
  let ada: ParleyClient;
  let ben: ParleyClient;
  let eve: ParleyClient;
  let heads: HeadsView;
  /** How often heads were published, by community. */
  const published = new Map<string, number>();

  beforeAll(async () => {
    redis = await OwnRedis.start();
    cluster = await startCluster({ nodes: 2, env: { REDIS_URL: redis.url } });
    ada = await signUpAndConnect([cluster.urls[0]!]);
    [ben, eve] = (await Promise.all([1, 1].map((at) => signUpAndConnect([cluster.urls[at]!])))) as [ParleyClient, ParleyClient];
    monitor = await new Redis(redis.url).monitor();
    monitor.on('monitor', (_time: string, [command, channel = '', mail = '']: string[]) => {
      const [, community] = command?.toLowerCase() === 'spublish' ? (/#h:([0-9a-f]{24})#$/.exec(channel) ?? []) : [];
      if (community && mail.includes('"thread_heads"')) published.set(community, (published.get(community) ?? 0) + 1);
    });
    heads = ben.openHeads();
    await heads.sync();
  });
  afterAll(async () => {
    monitor?.disconnect();
    for (const person of [ada, ben, eve]) person?.close();
    await cluster?.stop();
    await redis?.stop();
  });

  const seq = (thread_id: string): number | undefined => heads.get(thread_id)?.last_seq;

  it('a message on another node is heard of, in a community that was joined meanwhile too', async () => {
    const { community, thread } = await found(ada, [ben]);
    await heads.sync();
    expect(seq(thread.id)).toBe(0);
    await ada.send(thread.id, { content: 'one' });
    await until('Ben to hear of it', () => seq(thread.id) === 1);
    expect(heads.get(thread.id)?.community_id).toBe(community.id);
    const { heads: read } = await ben.operations.syncHeads();
    expect(read.find(({ thread_id }) => thread_id === thread.id)).toEqual(heads.get(thread.id));
  });

  it('of a closed thread those alone hear who may view it, from when they may until they may not', async () => {
    const { community, thread } = await found(ada, [ben, eve]);
    const input = { community_id: community.id, title: 'Closed', is_private: true, member_ids: [ben.memberId!] };
    const closed = await ada.operations.createThread(input);
    const hers = eve.openHeads();
    await Promise.all([heads.sync(), hers.sync()]);
    const told = record(eve, 'thread_heads', 'thread_deleted');
    await ada.send(closed.id, { content: 'one' });
    await until('Ben to hear of it', () => seq(closed.id) === 1);
    await ada.operations.addThreadMember({ thread_id: closed.id, member_id: eve.memberId! });
    await until('Eve to hear of it', () => hers.get(closed.id)?.last_seq === 1);
    expect(told).toHaveLength(1);
    await ada.operations.removeThreadMember({ thread_id: closed.id, member_id: eve.memberId! });
    await until('Eve to hear that it is gone', () => hers.get(closed.id) === undefined);
    await ada.send(closed.id, { content: 'two' });
    await until('Ben to hear of it', () => seq(closed.id) === 2);
    await ada.send(thread.id, { content: 'for all' });
    await until('Eve to hear what is for all', () => hers.get(thread.id)?.last_seq === 1);
    expect(told.map(({ event }) => event)).toEqual(['thread_heads', 'thread_deleted', 'thread_heads']);
    const { heads: read } = await eve.operations.syncHeads();
    expect(JSON.stringify(read)).not.toContain(closed.id);
    eve.closeHeads();
  });

  it('who was removed hears nothing any more', async () => {
    const { community, thread } = await found(ada, [ben, eve]);
    const hers = eve.openHeads();
    await Promise.all([heads.sync(), hers.sync()]);
    expect(hers.get(thread.id)?.last_seq).toBe(0);
    const told = record(eve, 'thread_heads', 'member_left');
    await ada.operations.removeMember({ community_id: community.id, member_id: eve.memberId! });
    await until('Eve to hear that she is out', () => told.length === 1);
    await ada.send(thread.id, { content: 'one' });
    await until('Ben to hear of it', () => seq(thread.id) === 1);
    const other = await found(ada, [eve]);
    await hers.sync();
    await ada.send(other.thread.id, { content: 'one' });
    await until('Eve to hear of another', () => hers.get(other.thread.id)?.last_seq === 1);
    expect(told.map(({ event }) => event)).toEqual(['member_left', 'thread_heads']);
    expect(hers.get(thread.id)).toBeUndefined();
    eve.closeHeads();
  });

  it('costs a busy community one publication a period, and one in which nothing is said none', async () => {
    const idle = await found(ada, [ben]);
    const { community, thread } = await found(ada, [ben]);
    const others = await Promise.all(
      Array.from({ length: 9 }, (_, n) => ada.operations.createThread({ community_id: community.id, title: `t ${n}` })),
    );
    await heads.sync();
    const begun = performance.now();
    const threads = [thread, ...others].map(({ id }) => id);
    for (let n = 1; n <= 30; n++) await Promise.all(threads.map((id) => ada.send(id, { content: String(n) })));
    await until('Ben to hear of all', () => threads.every((id) => seq(id) === 30));
    const periods = (performance.now() - begun) / newsEveryMs;
    expect(headsRoom(community.id)).toBe(`h:${community.id}`);
    expect(published.get(community.id)).toBeGreaterThan(0);
    expect(published.get(community.id)).toBeLessThanOrEqual(periods + 2);
    expect(published.get(idle.community.id)).toBeUndefined();
  });
});

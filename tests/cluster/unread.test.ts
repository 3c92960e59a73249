import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import type { Thread } from '../../src/protocol/resources.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, record, signUpAndConnect } from './people.js';

const numbers = (n: number): number[] => Array.from({ length: n }, (_, at) => at);

/** What people see of unread counts and of the order of threads, on two nodes, by both doors, live and after a restart. */
describe('unread on two nodes', () => {
  let cluster: TestCluster;
  let ada: ParleyClient;
  let ben: ParleyClient;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
    [ada, ben] = (await Promise.all(cluster.urls.map((url) => signUpAndConnect([url])))) as [ParleyClient, ParleyClient];
  });
  afterAll(async () => {
    for (const person of [ada, ben]) person?.close();
    await cluster?.stop();
  });

  const get = (by: ParleyClient, id: string): Promise<Thread> => by.operations.getThread({ thread_id: id });
  const list = async (by: ParleyClient, community_id: string): Promise<Thread[]> =>
    (await by.operations.listThreads({ community_id, limit: 100 })).items;
  const opened = async (by: ParleyClient, thread_id: string): Promise<Thread> => (await by.emit('join_thread', { thread_id })).thread;
  const counts = (threads: readonly Thread[]): (number | undefined)[] => threads.map(({ me }) => me?.unread_count);

  it('has nothing unread for one who has just joined, and then what comes', async () => {
    const { community, thread } = await found(ada);
    const others = await Promise.all(numbers(20).map((n) => ada.operations.createThread({ community_id: community.id, title: `t ${n}` })));
    const threads = [thread, ...others];
    for (const { id } of threads) await Promise.all(numbers(5).map((n) => ada.send(id, { content: `m ${n}` })));
    await until('figures to be stored', async () => (await list(ada, community.id)).every(({ last_seq }) => last_seq === 5));
    await ben.operations.joinAsMember({ community_id: community.id });
    expect(new Set(counts(await list(ben, community.id)))).toEqual(new Set([0]));
    const view = ben.openCommunity(community.id);
    await view.ready();
    for (const { id } of threads.slice(0, 3)) await ada.send(id, { content: 'after' });
    await until('three to be unread', () => counts(view.state.threads).filter((count) => count === 1).length === 3);
    expect(counts(view.state.threads).filter((count) => count !== 1)).toEqual(numbers(18).map(() => 0));
    expect((await get(ben, threads[0]!.id)).me).toEqual({ read_seq: 5, unread_count: 1 });
    expect((await opened(ben, threads[1]!.id)).me).toEqual({ read_seq: 5, unread_count: 1 });
    await until('the list to say so', async () => counts(await list(ben, community.id)).filter((count) => count === 1).length === 3);
    const hits = await ben.operations.searchThreads({ q: 'thread', community_id: community.id });
    expect(hits.items.every(({ me }) => me!.unread_count <= 1)).toBe(true);

    // All of it, from the other door, and again.
    await ben.emit('mark_all_read', { community_id: community.id });
    expect(new Set(counts(await list(ben, community.id)))).toEqual(new Set([0]));
    for (const { id } of threads.slice(0, 3)) await ada.send(id, { content: 'more' });
    await ben.markAllRead();
    await ben.markAllRead(community.id);
    await until('the view to follow', () => counts(view.state.threads).every((count) => count === 0));
    for (const { id } of threads.slice(0, 3)) expect((await get(ben, id)).me?.unread_count).toBe(0);
    ben.closeCommunity(community.id);
  });

  it('leaves out what was deleted, in live views too, and puts the thread back into its place', async () => {
    const { community, thread } = await found(ada, [ben]);
    const later = await ada.operations.createThread({ community_id: community.id, title: 'later' });
    const view = ben.openCommunity(community.id);
    await view.ready();
    const order = (): string[] => view.state.threads.map(({ id }) => id);
    expect(order()).toEqual([later.id, thread.id]);
    const told = record(ben, 'thread_updated');
    const sent = await Promise.all(numbers(2).map((n) => ada.send(thread.id, { content: `m ${n}` })));
    await until('two to be unread', () => counts(view.state.threads)[0] === 2);
    expect(order()).toEqual([thread.id, later.id]);
    for (const { id } of sent) await ada.operations.deleteMessage({ message_id: id });
    expect(await get(ben, thread.id)).toMatchObject({ message_count: 0, last_activity: thread.created_at, me: { unread_count: 0 } });
    await until('the view to follow', () => order()[0] === later.id && counts(view.state.threads).every((count) => count === 0));
    expect(told.at(-1)?.payload.thread).toMatchObject({ message_count: 0, last_activity: thread.created_at });
    const listed = await list(ada, community.id);
    expect(listed.map(({ id }) => id)).toEqual([later.id, thread.id]);
    expect(listed.find(({ id }) => id === thread.id)).toMatchObject({ message_count: 0, last_activity: thread.created_at });

    const three = [];
    for (const n of numbers(3)) three.push(await ada.send(thread.id, { content: `n ${n}` }));
    await until('three to be unread', () => counts(view.state.threads)[0] === 3);
    await ada.operations.deleteMessage({ message_id: three[1]!.id });
    await until('two to be left', () => counts(view.state.threads)[0] === 2);
    expect(await ben.markRead(thread.id)).toBe(5);
    await until('none to be left', () => counts(view.state.threads)[0] === 0);
    ben.closeCommunity(community.id);
  });

  it('is the same after all nodes began anew', async () => {
    const { community, thread } = await found(ada);
    for (const n of numbers(3)) await ada.send(thread.id, { content: `m ${n}` });
    await ben.operations.joinAsMember({ community_id: community.id });
    const sent = [];
    for (const n of numbers(3)) sent.push(await ada.send(thread.id, { content: `n ${n}` }));
    await ada.operations.deleteMessage({ message_id: sent[2]!.id });
    const before = await get(ben, thread.id);
    expect(before).toMatchObject({ message_count: 5, me: { read_seq: 3, unread_count: 2 } });
    for (const node of cluster.nodes) await node.end('SIGKILL');
    for (const node of cluster.nodes) await node.start();
    await until('all slots to be owned', async () => (await Promise.all(cluster.nodes.map((node) => node.ready()))).every(Boolean));
    const { last_activity, me, message_count } = await get(ben, thread.id);
    expect({ last_activity, me, message_count }).toEqual({
      last_activity: before.last_activity,
      me: before.me,
      message_count: before.message_count,
    });
    await until('the list to say so', async () => counts(await list(ben, community.id))[0] === 2);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import type { LiveMessage, Notification, Thread } from '../../src/protocol/resources.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, record, signUpAndConnect } from './people.js';

/** Through both doors, on two nodes, with the real workers. */
describe('the bell', () => {
  let cluster: TestCluster;
  let ann: ParleyClient;
  let bob: ParleyClient;
  let name: string;
  let thread: Thread;
  let heard: { payload: { notification: Notification } }[];

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
    ann = await signUpAndConnect([cluster.urls[0]!]);
    bob = await signUpAndConnect([cluster.urls[1]!]);
    name = (await bob.operations.getMember({ member_id: bob.memberId as string })).username;
    heard = record(bob, 'notification');
    ({ thread } = await found(ann, [bob]));
  });
  afterAll(async () => {
    for (const client of [ann, bob]) client?.close();
    await cluster?.stop();
  });

  const list = () => bob.operations.listNotifications({});
  const say = async (content: string, more: object = {}): Promise<LiveMessage> =>
    (await ann.operations.sendMessage({ thread_id: thread.id, content, ...more })) as LiveMessage;
  /** Sent, and heard of by the other one. */
  const ring = async (content = `@${name}`): Promise<LiveMessage> => {
    const message = await say(content);
    await until('it rings', () => heard.some(({ payload }) => payload.notification.message_id === message.id));
    return message;
  };
  const begin = async (): Promise<void> => {
    thread = await ann.operations.createThread({ community_id: thread.community_id, title: 'Another' });
  };
  const ends: [what: string, act: (message: LiveMessage) => Promise<unknown>][] = [
    ['deleted by REST', ({ id }) => ann.operations.deleteMessage({ message_id: id })],
    ['deleted by the socket', ({ id }) => ann.emit('delete_message', { message_id: id })],
    ['edited by REST', ({ id }) => ann.operations.editMessage({ message_id: id, content: 'nobody' })],
    ['edited by the socket', ({ id }) => ann.emit('edit_message', { message_id: id, content: 'nobody' })],
    ['lost with its thread', () => ann.operations.deleteThread({ thread_id: thread.id })],
  ];

  it.each(ends)('does not keep what was %s', async (_, end) => {
    await begin();
    const kept = await list();
    const message = await ring();
    expect((await list()).items.map((one) => one.message_id)).toContain(message.id);
    await end(message);
    expect(await list()).toEqual(kept);
  });

  it('rings anew for a mention that is edited into a message, and not for one that stays', async () => {
    await begin();
    const message = await say('nobody yet');
    await ann.operations.editMessage({ message_id: message.id, content: `@${name}` });
    await until('it rings', () => heard.some(({ payload }) => payload.notification.message_id === message.id));
    await ann.operations.editMessage({ message_id: message.id, content: `still @${name}` });
    await ring();
    expect(heard.filter(({ payload }) => payload.notification.message_id === message.id)).toHaveLength(1);
  });

  it('is read by thread, from any number, and counts to the end', async () => {
    await bob.operations.readNotifications({});
    await begin();
    const messages = await Promise.all(Array.from({ length: 60 }, (_, i) => say(`@${name} ${i}`)));
    await until('all ring', () => messages.every(({ id }) => heard.some(({ payload }) => payload.notification.message_id === id)));
    const first = await list();
    expect([first.items.length, first.unread_count]).toEqual([50, 60]);
    const rest = await bob.operations.listNotifications({ cursor: first.next_cursor!, unread: true });
    expect([rest.items.length, rest.next_cursor]).toEqual([10, null]);
    expect(await bob.operations.readNotifications({ thread_id: thread.id })).toEqual({ read: 60 });
    expect((await list()).unread_count).toBe(0);
  });

  it('forgets a community that its member leaves, also when they come back', async () => {
    await begin();
    await ring();
    const community = { community_id: thread.community_id };
    await bob.operations.leaveAsMember(community);
    await until('nothing of it is left', async () => (await list()).items.length === 0);
    await bob.operations.joinAsMember(community);
    expect((await list()).items).toEqual([]);
    await ring(`welcome back @${name}`);
    expect((await list()).items).toHaveLength(1);
  });
});

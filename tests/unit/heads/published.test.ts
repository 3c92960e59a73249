import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isClosedThread } from '../../../src/authority/closure.js';
import { newId } from '../../../src/kernel/ids.js';
import { headsRoom } from '../../../src/protocol/rooms.js';
import { aMember } from '../../conformance/store/records.js';
import { Stage } from '../domain/stage.js';

let stage: Stage;

beforeEach(async () => {
  stage = await new Stage().open();
});
afterEach(() => stage.actors.stop());

const published = () => stage.published.filter(({ room }) => room === headsRoom(stage.community));
const begin = async (more: object = {}): Promise<string> => {
  const thread_id = newId(stage.clock.now());
  await stage.askCommunity({
    ...{ type: 'create_thread', by: stage.owner, thread_id, title: 't', content: null, tags: [] },
    ...more,
  });
  return thread_id;
};
const sayIn = (thread: string, content: string) =>
  stage.actors.ask({ kind: 'thread', key: thread }, {
    ...{ type: 'send', by: stage.owner, message_id: newId(stage.clock.now()), content, reply_to: null, attachments: [], mentions: [] },
    nonce: newId(stage.clock.now()),
  } as never);

test('a community in which nothing is said tells nothing', async () => {
  await stage.clock.advance(600_000);
  expect(published()).toEqual([]);
});

test('a community in which much is said in many threads tells one event in two seconds, and the store has been told before', async () => {
  const threads = await Promise.all(Array.from({ length: 20 }, () => begin()));
  const seconds = 30;
  const writes: unknown[] = [];
  const { setHeads } = stage.base.threads;
  stage.base.threads.setHeads = async (...args) => {
    writes.push(published().length);
    return setHeads.apply(stage.base.threads, args);
  };
  for (let n = 0; n < seconds * 5; n++) {
    for (const thread of threads) await sayIn(thread, String(n));
    await stage.clock.advance(200);
  }
  expect(published().length).toBeGreaterThan(seconds / 6);
  expect(published().length).toBeLessThanOrEqual(seconds / 2 + 1);
  await stage.clock.advance(10_000);
  const newest = new Map<unknown, unknown>();
  for (const { payload } of published()) {
    for (const head of payload.heads as { thread_id: string; last_seq: number }[]) newest.set(head.thread_id, head.last_seq);
  }
  expect(newest).toEqual(new Map(threads.map((id) => [id, seconds * 5])));
  expect(writes[0]).toBe(0);
});

test('an edit moves no head', async () => {
  const { message } = await stage.send('a');
  await stage.clock.advance(10_000);
  await stage.ask({ type: 'edit', by: stage.owner, message_id: message.id, content: 'b', mentions: [], mention_names: [] });
  await stage.clock.advance(10_000);
  expect(published().map(({ payload }) => payload.heads)).toEqual([[expect.objectContaining({ thread_id: stage.thread, last_seq: 1 })]]);
});

test('the head of a closed thread goes apart, to those who may view it', async () => {
  const bob = newId(11);
  await stage.base.members.insert(aMember({ id: bob }));
  await stage.askCommunity({ type: 'join', by: bob });
  const closed = await begin({ is_private: true, member_ids: [bob] });
  await sayIn(closed, 'a');
  await stage.send('b');
  await stage.clock.advance(10_000);
  const seen = published().map(({ payload, audience }) => [audience, (payload.heads as { thread_id: string }[]).map((h) => h.thread_id)]);
  expect(seen).toEqual(
    expect.arrayContaining([
      [undefined, [stage.thread]],
      [closed, [closed]],
    ]),
  );
  expect(seen).toHaveLength(2);
});

test('what waits to be stored when its thread is closed is told to those alone who may view it', async () => {
  const bob = newId(11);
  await stage.base.members.insert(aMember({ id: bob }));
  await stage.askCommunity({ type: 'join', by: bob });
  const { setHeads } = stage.base.threads;
  let store: () => void = () => undefined;
  const away = new Promise<void>((resolve) => {
    store = resolve;
  });
  let writes = 0;
  stage.base.threads.setHeads = async (...args) => {
    writes++;
    await away;
    return setHeads.apply(stage.base.threads, args);
  };
  await stage.send('open to all');
  for (let step = 0; step < 50 && writes === 0; step++) await stage.clock.advance(100);
  // It is answered when it has gone from what all may read, which the community writes after this.
  const closed = stage.ask({ type: 'set_override', by: stage.owner, subject: `member:${bob}`, allow: [], deny: ['view'] });
  for (let step = 0; step < 50 && !isClosedThread((await stage.base.threads.byId(stage.thread))!); step++) await stage.clock.advance(1);
  expect(published()).toEqual([]);
  store();
  await closed;
  await stage.clock.advance(10_000);
  expect(published().map(({ audience }) => audience)).toEqual([stage.thread]);
});

test('who hears heads hears of a thread, and of a community, that is gone', async () => {
  await stage.ask({ type: 'delete_thread', by: stage.owner });
  await stage.askCommunity({ type: 'delete', by: stage.owner });
  expect(published().map(({ event }) => event)).toEqual(['thread_deleted', 'community_deleted']);
});

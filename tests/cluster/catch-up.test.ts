import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { isDeleted } from '../../src/protocol/resources.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, signUpAndConnect } from './people.js';

describe('catching up', () => {
  let cluster: TestCluster;
  let ada: ParleyClient;
  let bob: ParleyClient;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
    [ada, bob] = (await Promise.all(cluster.urls.map((url) => signUpAndConnect([url])))) as [ParleyClient, ParleyClient];
  });
  afterAll(async () => {
    ada.close();
    bob.close();
    await cluster.stop();
  });

  it('gives who was away the edits, deletions and reactions, by join_thread on another node', async () => {
    const { thread } = await found(ada, [bob]);
    const messages = [];
    for (let i = 1; i <= 5; i++) messages.push(await ada.send(thread.id, { content: `m${i}` }));
    const before = await bob.emit('join_thread', { thread_id: thread.id });
    expect(before).toMatchObject({ head_rev: 5, last_seq: 5, complete: true });
    await bob.emit('leave_thread', { thread_id: thread.id });

    await ada.emit('edit_message', { message_id: messages[0]!.id, content: 'm1 edited' });
    await ada.emit('delete_message', { message_id: messages[1]!.id });
    await ada.emit('add_reaction', { message_id: messages[2]!.id, emoji: '🎉' });
    await ada.emit('add_reaction', { message_id: messages[2]!.id, emoji: '👀' });
    await ada.send(thread.id, { content: 'm6' });

    const after = await bob.emit('join_thread', { thread_id: thread.id, after_rev: before.head_rev });
    expect(after).toMatchObject({ head_rev: 10, last_seq: 6, complete: true });
    expect(after.messages.map((m) => [m.seq, m.rev, isDeleted(m) ? 'deleted' : m.content])).toEqual([
      [1, 6, 'm1 edited'],
      [2, 7, 'deleted'],
      [3, 9, 'm3'],
      [6, 10, 'm6'],
    ]);
    const third = after.messages[2]!;
    expect(isDeleted(third) ? null : third.reactions.map((r) => r.emoji)).toEqual(['🎉', '👀']);
    expect(await bob.emit('sync_thread', { thread_id: thread.id, after_rev: 10 })).toEqual({ messages: [], head_rev: 10, complete: true });
  });

  it('goes on page by page until it is complete', async () => {
    const { thread } = await found(ada, [bob]);
    await Promise.all(Array.from({ length: 450 }, (_x, i) => ada.send(thread.id, { content: `${i}` })));
    const seen: number[] = [];
    for (let rev = 0, complete = false; !complete; ) {
      const page = await bob.emit('sync_thread', { thread_id: thread.id, after_rev: rev });
      seen.push(...page.messages.map((m) => m.seq));
      rev = page.messages.at(-1)?.rev ?? rev;
      complete = page.complete;
    }
    expect(seen).toEqual(Array.from({ length: 450 }, (_x, i) => i + 1));
  });

  it('brings a view back to what is stored after its socket was lost', async () => {
    const { thread } = await found(ada, [bob]);
    const first = await ada.send(thread.id, { content: 'before' });
    const view = bob.openThread(thread.id);
    await view.ready();
    bob.connection.networkLost();
    await ada.send(thread.id, { content: 'while away' });
    await ada.emit('edit_message', { message_id: first.id, content: 'changed while away' });
    bob.connection.networkBack();
    await until('the view to catch up', () => view.state.rev === 3);
    expect(view.state.messages.map((m) => (isDeleted(m) ? null : m.content))).toEqual(['changed while away', 'while away']);
    view.close();
  });
});

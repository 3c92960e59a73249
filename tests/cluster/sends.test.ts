import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { isDeleted } from '../../src/protocol/resources.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, record, signUpAndConnect, token } from './people.js';

describe('sends on three nodes', () => {
  let cluster: TestCluster;
  let people: ParleyClient[];

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 3 });
    people = await Promise.all(cluster.urls.map((url) => signUpAndConnect([url])));
  });
  afterAll(async () => {
    for (const p of people) p.close();
    await cluster.stop();
  });

  it('gives 200 sends at once from two nodes 200 contiguous seqs, seen everywhere in rev order, each once', async () => {
    const [a, b, c] = people as [ParleyClient, ParleyClient, ParleyClient];
    const { thread } = await found(a, [b, c]);
    const seen = people.map((p) => record(p, 'new_message'));
    for (const p of people) await p.emit('join_thread', { thread_id: thread.id });
    const sent = await Promise.all(Array.from({ length: 200 }, (_x, i) => (i % 2 ? a : b).send(thread.id, { content: `message ${i}` })));
    expect(sent.map((m) => m.seq).sort((x, y) => x - y)).toEqual(Array.from({ length: 200 }, (_x, i) => i + 1));
    for (const events of seen) {
      await until('200 events', () => events.length >= 200);
      expect(events.map((e) => e.payload.message.rev)).toEqual(Array.from({ length: 200 }, (_x, i) => i + 1));
      expect(new Set(events.map((e) => e.payload.message.id)).size).toBe(200);
    }
    const stored = await c.operations.listMessages({ thread_id: thread.id, limit: 100 });
    expect(stored.items.map((m) => m.seq)).toEqual(Array.from({ length: 100 }, (_x, i) => i + 101));
    const view = await c.operations.getThread({ thread_id: thread.id });
    expect(view).toMatchObject({ last_seq: 200, head_rev: 200, message_count: 200, me: { unread_count: 200 } });
  });

  it('answers the same nonce on another node and through the other door with the first message, status 200', async () => {
    const [a, b] = people as [ParleyClient, ParleyClient];
    const { thread } = await found(a, [b]);
    const first = await a.send(thread.id, { content: 'once', nonce: 'the-nonce' });
    const access = await token(a);
    for (const url of cluster.urls) {
      const answer = await fetch(`${url}/api/messages/thread/${thread.id}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
        body: JSON.stringify({ content: 'another text', nonce: 'the-nonce' }),
      });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ id: first.id, seq: 1, content: 'once' });
    }
    // The nonce is the author's own: another's is another message.
    const others = await b.send(thread.id, { content: 'mine', nonce: 'the-nonce' });
    expect(others.seq).toBe(2);
    const all = await a.operations.listMessages({ thread_id: thread.id });
    expect(all.items).toHaveLength(2);
  });

  it('answers one of two equal sends at the same moment, twice', async () => {
    const [a] = people as [ParleyClient];
    const { thread } = await found(a);
    const both = await Promise.all([1, 2, 3, 4].map(() => a.send(thread.id, { content: 'x', nonce: 'same' })));
    expect(new Set(both.map((m) => m.id)).size).toBe(1);
  });

  it('carries edits, deletions, reactions, typing and read receipts to other nodes', async () => {
    const [a, b, c] = people as [ParleyClient, ParleyClient, ParleyClient];
    const { thread } = await found(a, [b, c]);
    const events = record(c, 'new_message', 'message_updated', 'message_deleted', 'typing', 'stop_typing', 'read_receipt');
    await c.emit('join_thread', { thread_id: thread.id });
    const m = await a.send(thread.id, { content: 'first' });
    await a.emit('edit_message', { message_id: m.id, content: 'better' });
    await b.emit('add_reaction', { message_id: m.id, emoji: '👍' });
    await b.emit('typing', { thread_id: thread.id });
    await b.emit('stop_typing', { thread_id: thread.id });
    expect(await b.emit('mark_read', { thread_id: thread.id, seq: 1 })).toEqual({ read_seq: 1 });
    expect(await b.emit('mark_read', { thread_id: thread.id, seq: 0 })).toEqual({ read_seq: 1 });
    await a.emit('delete_message', { message_id: m.id });
    await until('the deletion', () => events.some((e) => e.event === 'message_deleted'));
    expect(events.map((e) => e.event)).toEqual([
      'new_message',
      'message_updated',
      'message_updated',
      'typing',
      'stop_typing',
      'read_receipt',
      'message_deleted',
    ]);
    const last = events.at(-1)?.payload as { message: { id: string; rev: number } };
    expect(last.message).toEqual({ id: m.id, thread_id: thread.id, seq: 1, rev: 4, deleted_at: expect.any(String) });
    const { items } = await b.operations.listMessages({ thread_id: thread.id });
    expect(items.every(isDeleted)).toBe(true);
  });
});

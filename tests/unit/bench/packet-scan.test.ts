import { describe, expect, test } from '@jest/globals';
import { contentBytes, contentOf } from '../../../bench/load/content.js';
import { type Seen, scanEvents, threadNumber } from '../../../bench/load/packet-scan.js';

const thread = '6720a1b2c3d4e5f601234567';
const other = '6720a1b2c3d4e5f6089abcde';

const message = (rev: number, content: string, thread_id = thread) => ({
  message: { id: '0'.repeat(24), thread_id, seq: rev, rev, content, author: '1'.repeat(24), tags: ['b'], mentions: [], nonce: 'n-1' },
});

const scan = (...events: unknown[]): { messages: Seen[]; resyncs: number; packed: number } => {
  const found = { messages: [] as Seen[], resyncs: 0, packed: 0 };
  const bytes = Buffer.from(`before"rev":99${JSON.stringify(events)}"new_message"`);
  scanEvents(bytes, 14, bytes.length - 13, {
    message: (seen) => found.messages.push({ ...seen }),
    resync: () => {
      found.resyncs += 1;
    },
    packed: () => {
      found.packed += 1;
    },
  });
  return found;
};

const seen = (rev: number, number: number, of = thread): Seen => ({
  thread: threadNumber(of),
  rev,
  sender: 7,
  number,
  intendedUs: 123_456_789,
});

describe('events of a packet', () => {
  test('one message', () => {
    expect(scan('new_message', message(12, contentOf(7, 3, 123_456_789))).messages).toEqual([seen(12, 3)]);
  });

  test('its fields may come in any order', () => {
    const { content, rev, thread_id, seq } = message(12, contentOf(7, 3, 123_456_789)).message;
    expect(scan('new_message', { message: { content, rev, seq, thread_id } }).messages).toEqual([seen(12, 3)]);
  });

  test('a batch of events with others between them', () => {
    const found = scan('batch', [
      ['new_message', message(1, contentOf(7, 1, 123_456_789))],
      ['typing', { thread_id: other, member_id: 'x' }],
      ['new_message', message(1, contentOf(7, 2, 123_456_789), other)],
      ['read_receipt', { thread_id: other, seq: 40, at: 'b' }],
      ['new_message', message(2, contentOf(7, 3, 123_456_789))],
    ]);
    expect(found).toEqual({ messages: [seen(1, 1), seen(1, 2, other), seen(2, 3)], resyncs: 0, packed: 1 });
  });

  test('what is no new message is none', () => {
    expect(scan('message_updated', message(3, contentOf(7, 1, 1))).messages).toEqual([]);
    expect(scan('new_message', message(3, 'someone else’s text')).messages).toEqual([]);
    expect(scan('resync', { thread_id: thread, head_rev: 9 })).toEqual({ messages: [], resyncs: 1, packed: 0 });
  });
});

test('a content has the length of a usual message', () => {
  expect(contentOf(255, 100_000, 98_765_432_109_876)).toHaveLength(contentBytes);
});

test('threads are told apart by the end of their ids', () => {
  expect(threadNumber(thread)).toBe(0xe5f601234567);
  expect(threadNumber(other)).not.toBe(threadNumber(thread));
});

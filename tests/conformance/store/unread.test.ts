import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backends, type OpenStore } from './backends.js';
import { aMessage, aNotification, anId, messagesOf } from './records.js';

describe.each(backends)('what unread counts stand on in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const messages = () => opened.store.messages;

  /** A thread of messages at these times, some of them deleted. */
  const threadOf = async (times: readonly number[], deleted: (seq: number) => boolean = () => false): Promise<string> => {
    const thread = anId();
    const records = messagesOf(thread, times.length, (seq) => ({
      created_at: times[seq - 1]!,
      deleted_at: deleted(seq) ? 9_999_999 : null,
    }));
    await messages().append(records);
    return thread;
  };

  test('deleted messages are counted in a range, up to a bound', async () => {
    const thread = await threadOf(
      Array.from({ length: 30 }, (_, at) => 1_000 + at),
      (seq) => seq % 3 === 0,
    );
    await threadOf([1, 2, 3], () => true);
    for (const [after, upTo, most, count] of [
      [0, 30, 100, 10],
      [0, 29, 100, 9],
      [3, 30, 100, 9],
      [29, 30, 100, 1],
      [30, 30, 100, 0],
      [0, 30, 4, 4],
      [5, 5, 100, 0],
    ] as const) {
      expect([after, upTo, most, await messages().countDeleted(thread, { after, upTo }, most)]).toEqual([after, upTo, most, count]);
    }
    expect(await messages().countDeleted(anId(), { after: 0, upTo: 9 }, 100)).toBe(0);
  });

  test('a message counts as deleted from the moment in which it is', async () => {
    const thread = await threadOf([1, 2, 3]);
    const [, second] = await messages().range(thread, 1, 4);
    expect(await messages().countDeleted(thread, { after: 0, upTo: 3 }, 100)).toBe(0);
    expect(await messages().change({ ...second!, rev: 4, content: '', deleted_at: 5 }, 2)).toBe('stored');
    expect(await messages().countDeleted(thread, { after: 0, upTo: 3 }, 100)).toBe(1);
    expect(await messages().countDeleted(thread, { after: 2, upTo: 3 }, 100)).toBe(0);
  });

  test('the newest that lives, below a place', async () => {
    const thread = await threadOf([10, 20, 30, 40, 50, 60], (seq) => seq === 1 || seq >= 4);
    expect(await messages().newestLiving(thread, Number.POSITIVE_INFINITY)).toEqual({ seq: 3, created_at: 30 });
    expect(await messages().newestLiving(thread, 4)).toEqual({ seq: 3, created_at: 30 });
    expect(await messages().newestLiving(thread, 3)).toEqual({ seq: 2, created_at: 20 });
    expect(await messages().newestLiving(thread, 2)).toBeNull();
    expect(await messages().newestLiving(anId(), 10)).toBeNull();
  });

  test('where a thread stood at a time, also when many messages share a moment or are deleted', async () => {
    const times = [10, 20, 20, 20, 35, 40, ...Array.from({ length: 60 }, () => 50), 60];
    const thread = await threadOf(times, (seq) => seq === 4 || seq === 6);
    const slowly = (at: number): number => times.filter((time) => time <= at).length;
    for (const at of [0, 9, 10, 19, 20, 21, 35, 39, 40, 49, 50, 51, 60, 1_000]) {
      expect([at, await messages().seqAt(thread, at)]).toEqual([at, slowly(at)]);
    }
    expect(await messages().seqAt(anId(), 10)).toBe(0);
  });

  test('older messages that came in later are taken as far as they follow', async () => {
    const thread = await threadOf([100, 200, 50, 60, 300]);
    expect(await messages().seqAt(thread, 70)).toBe(4);
    expect(await messages().seqAt(thread, 200)).toBe(4);
    expect(await messages().seqAt(thread, 300)).toBe(5);
  });

  test('notifications of a thread or a community are read, and no others', async () => {
    const [member_id, community_id, thread_id] = [anId(), anId(), anId()];
    const at = { member_id, community_id, thread_id };
    const list = [
      aNotification(at),
      aNotification({ ...at, thread_id: anId() }),
      aNotification({ ...at, community_id: anId(), thread_id: anId() }),
      aNotification({ ...at, member_id: anId() }),
    ];
    const { notifications } = opened.store;
    await notifications.insert(list);
    const unread = async (member: string): Promise<number> => (await notifications.list(member, { unread: true }, { limit: 10 })).length;
    expect(await notifications.markReadIn(member_id, { thread_id }, 77)).toBe(1);
    expect(await notifications.markReadIn(member_id, { thread_id }, 78)).toBe(0);
    expect(await unread(member_id)).toBe(2);
    expect(await notifications.markReadIn(member_id, { community_id }, 79)).toBe(1);
    expect(await unread(member_id)).toBe(1);
    expect(await unread(list[3]!.member_id)).toBe(1);
    expect(await notifications.markReadIn(aMessage().author, { community_id }, 80)).toBe(0);
  });
});

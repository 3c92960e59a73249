import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backends, type OpenStore } from './backends.js';
import { aNotification, anId, walk } from './records.js';

describe.each(backends)('reads in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const reads = () => opened.store.reads;

  test('cursors rise and never go back, time included', async () => {
    const [thread_id, member_id, other] = [anId(), anId(), anId()];
    expect(await reads().get(thread_id, member_id)).toBeNull();
    await reads().raise([{ thread_id, member_id, seq: 5, at: 50 }]);
    await reads().raise([{ thread_id, member_id, seq: 3, at: 60 }]);
    expect(await reads().get(thread_id, member_id)).toEqual({ thread_id, member_id, seq: 5, at: 50 });
    await reads().raise([
      { thread_id, member_id, seq: 6, at: 70 },
      { thread_id, member_id, seq: 9, at: 80 },
      { thread_id, member_id, seq: 7, at: 90 },
      { thread_id: other, member_id, seq: 0, at: 1 },
    ]);
    expect(await reads().get(thread_id, member_id)).toEqual({ thread_id, member_id, seq: 9, at: 80 });
    const mine = await reads().forMember(member_id, [thread_id, other, anId()]);
    expect(mine.map(({ seq }) => seq).sort()).toEqual([0, 9]);
    expect(await reads().forMember(anId(), [thread_id])).toEqual([]);
    await reads().raise([]);
  });

  test('the same seq again makes a record younger, and never older', async () => {
    const [thread_id, member_id] = [anId(), anId()];
    const raise = (...marks: [seq: number, at: number][]) => reads().raise(marks.map(([seq, at]) => ({ thread_id, member_id, seq, at })));
    await raise([5, 50]);
    await raise([5, 70]);
    expect(await reads().get(thread_id, member_id)).toEqual({ thread_id, member_id, seq: 5, at: 70 });
    await raise([5, 60]);
    await raise([4, 90]);
    expect(await reads().get(thread_id, member_id)).toEqual({ thread_id, member_id, seq: 5, at: 70 });
    await raise([5, 75], [5, 80], [5, 77]);
    expect(await reads().get(thread_id, member_id)).toEqual({ thread_id, member_id, seq: 5, at: 80 });
  });

  test('of many that raise one new cursor at once the highest stays', async () => {
    const [thread_id, member_id] = [anId(), anId()];
    await Promise.all(Array.from({ length: 20 }, (_, at) => reads().raise([{ thread_id, member_id, seq: (at * 7) % 20, at }])));
    expect((await reads().get(thread_id, member_id))?.seq).toBe(19);
  });
});

describe.each(backends)('notifications in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const notifications = () => opened.store.notifications;

  test('one for one member, message and kind, ever: the answer is what is new', async () => {
    const first = aNotification();
    expect(await notifications().insert([first])).toEqual([first]);
    const reply = aNotification({ ...first, id: anId(), kind: 'reply' });
    const again = { ...first, id: anId() };
    const other = aNotification({ ...first, id: anId(), member_id: anId() });
    expect(await notifications().insert([again, reply, other])).toEqual([reply, other]);
    expect(await notifications().insert([first, reply])).toEqual([]);
    expect(await notifications().insert([])).toEqual([]);
    const rivals = Array.from({ length: 10 }, () => aNotification({ message_id: first.id, member_id: first.member_id }));
    const added = await Promise.all(rivals.map((notification) => notifications().insert([notification])));
    expect(added.flat()).toHaveLength(1);
  });

  test('newest first in pages, unread alone, and marking', async () => {
    const member_id = anId();
    const all = Array.from({ length: 11 }, (_, at) => aNotification({ member_id, created_at: 1_000 + Math.floor(at / 2) }));
    expect(await notifications().insert(all)).toHaveLength(11);
    const expected = [...all].sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1));
    const walkAll = (unread?: boolean) =>
      walk(
        (slice: { after?: { created_at: number; id: string }; limit: number }) => notifications().list(member_id, { unread }, slice),
        ({ created_at, id }) => ({ created_at, id }),
        3,
      );
    expect(await walkAll()).toEqual(expected);
    const some = [all[0]!.id, all[5]!.id];
    expect(await notifications().markRead(anId(), some, 5)).toBe(0);
    expect(await notifications().markRead(member_id, some, 5)).toBe(2);
    expect(await notifications().markRead(member_id, some, 6)).toBe(0);
    expect(await notifications().markRead(member_id, [], 6)).toBe(0);
    expect(await walkAll(true)).toEqual(expected.filter(({ id }) => !some.includes(id)));
    expect((await walkAll(false)).map(({ id, read_at }) => [id, read_at])).toEqual(
      expected.filter(({ id }) => some.includes(id)).map(({ id }) => [id, 5]),
    );
    expect(await notifications().markRead(member_id, undefined, 9)).toBe(9);
    expect(await walkAll(true)).toEqual([]);
  });
});

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

  test('one for one member, cause and kind: the answer is what is new', async () => {
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

  const idsOf = (found: readonly { id: string }[]): string[] => found.map(({ id }) => id).sort();
  const allOf = async (member: string): Promise<string[]> => idsOf(await notifications().list(member, {}, { limit: 100 }));

  test('of opening texts there are as many as threads, and none is taken for a message', async () => {
    const [member_id, thread_id] = [anId(), anId()];
    const opening = aNotification({ member_id, thread_id, message_id: null, seq: 0 });
    const elsewhere = aNotification({ member_id, message_id: null, seq: 0 });
    const ofMessage = aNotification({ member_id, thread_id });
    expect(await notifications().insert([opening, elsewhere, ofMessage])).toEqual([opening, elsewhere, ofMessage]);
    expect(await notifications().insert([{ ...opening, id: anId() }])).toEqual([]);
    expect(await allOf(member_id)).toEqual(idsOf([opening, elsewhere, ofMessage]));
    expect(await notifications().causedBy([thread_id])).toEqual([opening]);
    expect(await notifications().causedBy([ofMessage.message_id!])).toEqual([ofMessage]);
  });

  test('are found by their causes, whosever they are, and taken away by id: then the same may come again', async () => {
    const message_id = anId();
    const both = [aNotification({ message_id }), aNotification({ message_id })];
    const other = aNotification();
    await notifications().insert([...both, other]);
    expect(idsOf(await notifications().causedBy([message_id, other.message_id!, anId()]))).toEqual(idsOf([...both, other]));
    expect(await notifications().causedBy([])).toEqual([]);
    await notifications().remove([both[0]!.id, anId()]);
    await notifications().remove([]);
    expect(await notifications().causedBy([message_id])).toEqual([both[1]]);
    const again = { ...both[0]!, id: anId() };
    expect(await notifications().insert([again])).toEqual([again]);
  });

  test('are taken away by thread, by community, and of one member of a community', async () => {
    const [member_id, thread_id, community_id, other] = [anId(), anId(), anId(), anId()];
    const inThread = [0, 1].map(() => aNotification({ member_id, thread_id, community_id }));
    const beside = aNotification({ member_id, community_id });
    const ofOther = aNotification({ member_id: other, community_id });
    const elsewhere = [member_id, other].map((id) => aNotification({ member_id: id }));
    await notifications().insert([...inThread, beside, ofOther, ...elsewhere]);
    expect(await notifications().inThread(thread_id, undefined, 10)).toEqual(inThread);
    expect(await notifications().inThread(thread_id, undefined, 1)).toEqual([inThread[0]]);
    expect(await notifications().inThread(thread_id, inThread[0]!.id, 10)).toEqual([inThread[1]]);
    await notifications().removeByThread(thread_id);
    expect(await notifications().inThread(thread_id, undefined, 10)).toEqual([]);
    expect(await allOf(member_id)).toEqual(idsOf([beside, elsewhere[0]!]));
    await notifications().removeOfMember(community_id, member_id);
    expect(await allOf(member_id)).toEqual([elsewhere[0]!.id]);
    expect(await allOf(other)).toEqual(idsOf([ofOther, elsewhere[1]!]));
    await notifications().removeByCommunity(community_id);
    expect(await allOf(other)).toEqual([elsewhere[1]!.id]);
  });

  test('of a thread or a community are read in one, and what is unread is counted up to a bound', async () => {
    const [member_id, thread_id, community_id] = [anId(), anId(), anId()];
    const count = (most: number): Promise<number> => notifications().countUnread(member_id, most);
    expect(await count(10)).toBe(0);
    const here = [0, 1, 2].map(() => aNotification({ member_id, thread_id, community_id }));
    const beside = [0, 1].map(() => aNotification({ member_id, community_id }));
    await notifications().insert([...here, ...beside, aNotification({ member_id }), aNotification({ thread_id, community_id })]);
    expect([await count(10), await count(6), await count(5)]).toEqual([6, 6, 5]);
    expect(await notifications().markReadIn(member_id, { thread_id }, 5)).toBe(3);
    expect(await notifications().markReadIn(member_id, { thread_id }, 6)).toBe(0);
    expect(await count(10)).toBe(3);
    expect(await notifications().markReadIn(anId(), { community_id }, 6)).toBe(0);
    expect(await notifications().markReadIn(member_id, { community_id }, 7)).toBe(2);
    const read = await notifications().list(member_id, { unread: false }, { limit: 10 });
    expect(read.map(({ read_at }) => read_at).sort()).toEqual([5, 5, 5, 7, 7]);
  });

  test('are looked through by id, to the last of them', async () => {
    const all = Array.from({ length: 7 }, () => aNotification());
    await notifications().insert(all);
    const found: string[] = [];
    for (let after: string | undefined; ; after = found.at(-1)) {
      const some = await notifications().behind(after, 3);
      found.push(...some.map(({ id }) => id));
      if (some.length < 3) break;
    }
    expect(found).toEqual([...found].sort());
    expect(found).toEqual(expect.arrayContaining(idsOf(all)));
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MessageRecord } from '../../../src/store/contracts.js';
import { backends, type OpenStore } from './backends.js';
import { aMessage, anId, messagesOf } from './records.js';

describe.each(backends)('messages in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const messages = () => opened.store.messages;
  const stored = async (records: readonly MessageRecord[]) => {
    expect(await messages().append(records)).toEqual(records.map(() => 'stored'));
  };

  test('a message comes back as it was stored', async () => {
    const full = aMessage({
      content: 'ünïcode 🎉\nNat.succ',
      edited_at: 5,
      reply_to: anId(),
      attachments: [{ url: 'https://example.org/a.png', name: 'a.png', content_type: 'image/png', size: 12 }],
      mentions: [anId(), anId()],
      mention_names: ['ada', 'ben.'],
      reactions: [{ emoji: '👍', members: [anId()] }],
      nonce: 'n-1',
      epoch: 7,
    });
    const bare = aMessage({ deleted_at: 9, content: '' });
    await stored([full, bare]);
    expect(await messages().byId(full.id)).toEqual(full);
    expect(await messages().byId(bare.id)).toEqual(bare);
    expect(await messages().byId(anId())).toBeNull();
    const both = await messages().byIds([full.id, anId(), bare.id]);
    expect(both.map((message) => message.id).sort()).toEqual([full.id, bare.id].sort());
    expect(await messages().byIds([])).toEqual([]);
  });

  test('each record of a mixed batch has its own outcome, and a refused one does not hold up the others', async () => {
    const thread_id = anId();
    const author = anId();
    const [first, second] = messagesOf(thread_id, 2, (seq) => ({ author, nonce: `n${seq}` })) as [MessageRecord, MessageRecord];
    await stored([first, second]);
    const outcomes = await messages().append([
      aMessage({ thread_id, author, seq: 3 }),
      aMessage({ thread_id, author, seq: 2, rev: 90 }),
      aMessage({ thread_id, author, seq: 91, rev: 2 }),
      aMessage({ thread_id, author, seq: 92, nonce: 'n1' }),
      first,
      aMessage({ thread_id, author, seq: 4, nonce: 'n4' }),
      aMessage({ thread_id, author: anId(), seq: 5, nonce: 'n1' }),
      aMessage({ thread_id: anId(), author, seq: 1, nonce: 'n1' }),
    ]);
    expect(outcomes).toEqual(['stored', 'taken', 'taken', 'taken', 'taken', 'stored', 'stored', 'stored']);
    expect((await messages().range(thread_id, 0, 1000)).map((message) => message.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(await messages().append([])).toEqual([]);
  });

  test('of two records that collide within one batch the first is stored', async () => {
    const thread_id = anId();
    expect(await messages().append([aMessage({ thread_id, content: 'a' }), aMessage({ thread_id, content: 'b' })])).toEqual([
      'stored',
      'taken',
    ]);
    expect((await messages().range(thread_id, 1, 2))[0]?.content).toBe('a');
  });

  test('many messages without a nonce do not collide', async () => {
    await stored(messagesOf(anId(), 20, () => ({ author: '0123456789abcdef01234567' })));
  });

  test('200 appends at once, some of them colliding: one of each pair is stored, and what is stored is what was said', async () => {
    const thread_id = anId();
    const rivals = Array.from({ length: 200 }, (_, at) => aMessage({ thread_id, seq: (at % 150) + 1, content: `${at}` }));
    const outcomes = await Promise.all(rivals.map(async (message) => (await messages().append([message]))[0]!));
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(150);
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(50);
    const winners = rivals.filter((_, at) => outcomes[at] === 'stored').sort((a, b) => a.seq - b.seq);
    expect(await messages().range(thread_id, 1, 1000)).toEqual(winners);
    expect(await messages().head(thread_id)).toEqual({ seq: 150, rev: 150 });
  });

  test('a batch larger than one write is stored whole', async () => {
    const thread_id = anId();
    await stored(messagesOf(thread_id, 2_300));
    expect(await messages().head(thread_id)).toEqual({ seq: 2_300, rev: 2_300 });
    expect(await messages().countLive(thread_id)).toBe(2_300);
    expect(await messages().range(thread_id, 1_001, 2_001)).toHaveLength(1_000);
    await expect(messages().range(thread_id, 1, 1_002)).rejects.toThrow(RangeError);
  });

  test('a change is written over the rev that was named, and nothing else', async () => {
    const thread_id = anId();
    const [one, two] = messagesOf(thread_id, 2, () => ({ nonce: 'n', author: anId() })) as [MessageRecord, MessageRecord];
    await stored([one, two]);
    const named = { mentions: [anId()], mention_names: ['ada'] };
    const edited = {
      ...one,
      rev: 3,
      content: 'edited',
      edited_at: 77,
      epoch: 2,
      reactions: [{ emoji: '🎉', members: [anId()] }],
      ...named,
    };
    expect(await messages().change(edited, 1)).toBe('stored');
    expect(await messages().byId(one.id)).toEqual(edited);
    expect(await messages().change({ ...one, rev: 4 }, 1)).toBe('stale');
    expect(await messages().change({ ...two, rev: 3 }, 2)).toBe('taken');
    expect(await messages().change(aMessage({ thread_id, rev: 9 }), 1)).toBe('stale');
    expect(await messages().byId(one.id)).toEqual(edited);
    expect(await messages().byId(two.id)).toEqual(two);
    const deleted = {
      ...edited,
      rev: 4,
      content: '',
      deleted_at: 88,
      edited_at: null,
      reactions: [],
      mentions: [],
      mention_names: undefined,
    };
    expect(await messages().change(deleted, 3)).toBe('stored');
    expect(await messages().byId(one.id)).toEqual(deleted);
    expect(await messages().head(thread_id)).toEqual({ seq: 2, rev: 4 });
    expect(await messages().countLive(thread_id)).toBe(1);
    expect(await messages().append([aMessage({ thread_id, author: one.author, nonce: 'n', seq: 9, rev: 9 })])).toEqual(['taken']);
  });

  test('changes at once each get their own outcome', async () => {
    const thread_id = anId();
    const all = messagesOf(thread_id, 40);
    await stored(all);
    const outcomes = await Promise.all(
      all.map((message, at) => {
        if (at % 4 === 1) return messages().change({ ...message, rev: 1_000 + at }, 999);
        if (at % 4 === 2) return messages().change({ ...message, rev: 1 + at + 1 }, message.rev);
        return messages().change({ ...message, rev: 100 + at, content: 'new' }, message.rev);
      }),
    );
    const after = await messages().byIds(all.map((message) => message.id));
    const byId = new Map(after.map((message) => [message.id, message]));
    outcomes.forEach((outcome, at) => {
      const now = byId.get(all[at]!.id)!;
      if (at % 4 === 1) expect(outcome).toBe('stale');
      else if (at % 4 === 2) {
        // The rev it wants is the next message's, which changes in the same moment: either may come first.
        expect(['stored', 'taken']).toContain(outcome);
        expect(now.rev).toBe(outcome === 'stored' ? at + 2 : at + 1);
      } else {
        expect(outcome).toBe('stored');
        expect(now).toMatchObject({ rev: 100 + at, content: 'new' });
      }
    });
  });

  test('changes of one message in a row run in the order they were asked for', async () => {
    const message = aMessage();
    await stored([message]);
    const changes = Array.from({ length: 10 }, (_, at) => messages().change({ ...message, rev: at + 2, content: `${at}` }, at + 1));
    expect(await Promise.all(changes)).toEqual(Array(10).fill('stored'));
    expect(await messages().byId(message.id)).toMatchObject({ rev: 11, content: '9' });
  });

  test('finds by nonce, one and many', async () => {
    const thread_id = anId();
    const [ada, bob] = [anId(), anId()];
    const records = [
      aMessage({ thread_id, seq: 1, author: ada, nonce: 'x' }),
      aMessage({ thread_id, seq: 2, author: ada, nonce: 'y' }),
      aMessage({ thread_id, seq: 3, author: bob, nonce: 'x' }),
      aMessage({ thread_id, seq: 4, author: bob }),
    ];
    await stored(records);
    expect(await messages().byNonce(thread_id, bob, 'x')).toEqual(records[2]);
    expect(await messages().byNonce(thread_id, bob, 'y')).toBeNull();
    expect(await messages().byNonce(anId(), bob, 'x')).toBeNull();
    const found = await messages().byNonces(thread_id, [
      { author: ada, nonce: 'y' },
      { author: bob, nonce: 'x' },
      { author: bob, nonce: 'y' },
    ]);
    expect(found.map((message) => message.seq).sort()).toEqual([2, 3]);
    expect(await messages().byNonces(thread_id, [])).toEqual([]);
    const many = Array.from({ length: 1_200 }, (_, at) => ({ author: ada, nonce: `none-${at}` }));
    expect(await messages().byNonces(thread_id, [...many, { author: ada, nonce: 'x' }])).toEqual([records[0]]);
  });

  test('head, range and changes of one thread', async () => {
    const thread_id = anId();
    expect(await messages().head(thread_id)).toEqual({ seq: 0, rev: 0 });
    expect(await messages().range(thread_id, 1, 100)).toEqual([]);
    const all = messagesOf(thread_id, 30);
    await stored(all);
    await stored(messagesOf(anId(), 5));
    expect(await messages().range(thread_id, 10, 13)).toEqual(all.slice(9, 12));
    expect(await messages().range(thread_id, 29, 500)).toEqual(all.slice(28));
    expect(await messages().range(thread_id, 5, 5)).toEqual([]);
    expect(await messages().tail(thread_id, 7)).toEqual({ messages: all.slice(-7), rev: Math.max(...all.map((m) => m.rev)) });
    expect((await messages().tail(thread_id, 1_000)).messages).toEqual(all);
    expect(await messages().tail(anId(), 7)).toEqual({ messages: [], rev: 0 });
    expect(await messages().change({ ...all[2]!, rev: 31, content: 'x' }, 3)).toBe('stored');
    expect((await messages().changedAfter(thread_id, 28, 10)).map(({ seq, rev }) => [seq, rev])).toEqual([
      [29, 29],
      [30, 30],
      [3, 31],
    ]);
    expect((await messages().changedAfter(thread_id, 0, 4)).map((message) => message.rev)).toEqual([1, 2, 4, 5]);
    expect(await messages().changedAfter(thread_id, 31, 10)).toEqual([]);
  });

  test('changes of several threads: by thread, then by rev, as many as are asked for', async () => {
    const ids = [anId(), anId(), anId(), anId()].sort() as [string, string, string, string];
    const [first, second, third, other] = ids;
    for (const thread_id of [third, other, first, second]) await stored(messagesOf(thread_id, 5));
    expect(await messages().change(aMessage({ ...(await messages().range(second, 2, 3))[0]!, rev: 6 }), 2)).toBe('stored');
    const asked = [
      { thread_id: third, rev: 0 },
      { thread_id: first, rev: 3 },
      { thread_id: second, rev: 4 },
    ];
    const found = async (limit: number): Promise<string[]> =>
      (await messages().changedInThreads(asked, limit)).map(({ thread_id, seq, rev }) => `${ids.indexOf(thread_id)}:${seq}:${rev}`);
    const all = ['0:4:4', '0:5:5', '1:5:5', '1:2:6', '2:1:1', '2:2:2', '2:3:3', '2:4:4', '2:5:5'];
    expect(await found(100)).toEqual(all);
    expect(await found(9)).toEqual(all);
    expect(await found(5)).toEqual(all.slice(0, 5));
    expect(await found(1)).toEqual(all.slice(0, 1));
    expect(await messages().changedInThreads([], 10)).toEqual([]);
    const read = await messages().changedInThreads([{ thread_id: first, rev: 3 }], 10);
    expect(read).toEqual(await messages().changedAfter(first, 3, 10));
  });

  test('what others changed: all up to a rev, beyond it what was written under an epoch before, and all beyond a head', async () => {
    const thread_id = anId();
    const epochs = [3, 3, 3, 5, 4, 5, 3, 6];
    const all = epochs.map((epoch, at) => aMessage({ thread_id, seq: at + 1, rev: at + 1, epoch }));
    await stored(all);
    await stored([aMessage({ thread_id: anId(), seq: 1, rev: 1, epoch: 1 })]);
    const end = { seq: 8, rev: 8 };
    const revs = async (after: number, limit = 10, head = end): Promise<number[]> =>
      (await messages().changedByOthersAfter(thread_id, after, { begunAt: 3, epoch: 5, head }, limit)).map(({ rev }) => rev);
    expect(await revs(0)).toEqual([1, 2, 3, 5, 7]);
    expect(await revs(2)).toEqual([3, 5, 7]);
    expect(await revs(2, 2)).toEqual([3, 5]);
    expect(await revs(7)).toEqual([]);
    expect(await revs(3, 10, { seq: 8, rev: 7 })).toEqual([5, 7, 8]);
    expect(await revs(3, 10, { seq: 5, rev: 8 })).toEqual([5, 6, 7, 8]);
  });

  test('replies, ascending and in pages', async () => {
    const thread_id = anId();
    const root = aMessage({ thread_id, seq: 1 });
    await stored([root, ...messagesOf(thread_id, 20, (seq) => ({ seq: seq + 1, rev: seq + 1, reply_to: seq % 2 ? root.id : null }))]);
    const page = await messages().replies(thread_id, root.id, 0, 4);
    expect(page.map((message) => message.seq)).toEqual([2, 4, 6, 8]);
    const rest = await messages().replies(thread_id, root.id, 8, 100);
    expect(rest.map((message) => message.seq)).toEqual([10, 12, 14, 16, 18, 20]);
    expect(await messages().replies(thread_id, anId(), 0, 10)).toEqual([]);
  });

  test("an author's messages in some communities, newest first, without the deleted ones", async () => {
    const author = anId();
    for (const count of [1, 3, 40, 130]) {
      const places = Array.from({ length: count }, anId);
      const records = Array.from({ length: 250 }, (_, at) =>
        aMessage({
          author,
          community_id: places[at % count]!,
          created_at: 1_000 + Math.floor(at / 4),
          deleted_at: at % 10 === 3 ? 5 : null,
        }),
      );
      await stored([...records, aMessage({ community_id: places[0]! }), aMessage({ author })]);
      const expected = records
        .filter((message) => message.deleted_at === null)
        .sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1))
        .map(({ id, thread_id, community_id, created_at }) => ({ id, thread_id, community_id, created_at }));
      const walked: typeof expected = [];
      for (let size = -1; size < walked.length; ) {
        size = walked.length;
        let taken = 0;
        for await (const message of messages().writtenBy(author, places, { before: walked.at(-1), wanted: 40 })) {
          walked.push(message);
          if (++taken === 40) break;
        }
      }
      expect(walked).toEqual(expected);
    }
    for (const count of [1, 12]) {
      const places = Array.from({ length: count }, anId);
      const records = Array.from({ length: 60 }, (_, at) =>
        aMessage({ author, community_id: places[at % count]!, thread_id: anId(), created_at: 1_000 + at }),
      );
      await stored(records);
      const without = records.filter((_, at) => at % 3 === 0).map(({ thread_id, community_id }) => ({ id: thread_id, community_id }));
      const shown: string[] = [];
      for await (const { id } of messages().writtenBy(author, places, { wanted: 100, without })) shown.push(id);
      expect(shown).toEqual(records.flatMap(({ id }, at) => (at % 3 === 0 ? [] : [id])).reverse());
    }
    for await (const _ of messages().writtenBy(author, [], { wanted: 1 })) throw new Error('nothing was asked for');
  });

  test('texts of those that are not deleted', async () => {
    const [one, two, gone] = [aMessage({ content: 'one', rev: 3 }), aMessage({ content: 'two' }), aMessage({ deleted_at: 5 })];
    await stored([one, two, gone]);
    const texts = await messages().texts([one.id, two.id, gone.id, anId()]);
    expect(new Map(texts.map((text) => [text.id, text]))).toEqual(
      new Map([one, two].map(({ id, thread_id, rev, content }) => [id, { id, thread_id, rev, content }])),
    );
    expect(await messages().texts([])).toEqual([]);
  });

  test('a sweep finds what was stored or changed since, whatever created_at says', async () => {
    const [created, changed, old] = [anId(), anId(), anId()];
    const past = Date.now() - 100_000;
    const idAt = (ms: number) =>
      Math.floor(ms / 1000)
        .toString(16)
        .padStart(8, '0') + anId().slice(8);
    const before = [changed, old].flatMap((thread_id) =>
      messagesOf(thread_id, 3, () => ({ id: idAt(past - 50_000), created_at: Date.now() })),
    );
    await stored(before);
    await stored(messagesOf(created, 3, () => ({ created_at: 5 })));
    expect(await messages().change({ ...before[0]!, rev: 4 }, 1)).toBe('stored');
    const revs = new Map<string, number>();
    for await (const { thread_id, rev } of messages().threadsChangedSince(past))
      revs.set(thread_id, Math.max(rev, revs.get(thread_id) ?? 0));
    expect(revs.get(created)).toBe(3);
    expect(revs.get(changed)).toBe(4);
    expect(revs.has(old)).toBe(false);
    const everything = new Map<string, number>();
    for await (const { thread_id, rev } of messages().threadsChangedSince(0)) {
      everything.set(thread_id, Math.max(rev, everything.get(thread_id) ?? 0));
    }
    expect(everything.get(old)).toBe(3);
  });

  test('a sweep goes on until it has seen everything, however much it is', async () => {
    const begun = Date.now() - 1_000;
    const threads = Array.from({ length: 6 }, anId);
    for (let from = 0; from < 900; from += 300) for (const thread of threads) await stored(messagesOf(thread, 900).slice(from, from + 300));
    const highest = new Map<string, number>();
    for await (const { thread_id, rev } of messages().threadsChangedSince(begun))
      highest.set(thread_id, Math.max(rev, highest.get(thread_id) ?? 0));
    expect(threads.map((thread) => highest.get(thread))).toEqual(threads.map(() => 900));
  });

  test('a purge takes one thread away and tells how much', async () => {
    const [gone, kept] = [anId(), anId()];
    await stored([...messagesOf(gone, 7), ...messagesOf(kept, 2)]);
    expect(await messages().purge(gone, 3)).toBe(7);
    expect(await messages().purge(gone, 3)).toBe(0);
    expect(await messages().head(gone)).toEqual({ seq: 0, rev: 0 });
    expect(await messages().countLive(kept)).toBe(2);
  });
});

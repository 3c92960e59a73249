import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import type { MessageRecord } from '../../../src/store/contracts.js';
import { tombstone } from '../../../src/store/tombstone.js';
import { Stage } from './stage.js';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: { code?: string }) => error.code ?? String(error),
  );

describe("a thread's log", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await new Stage().open();
  });
  afterEach(() => stage.actors.stop());

  const foreign = (seq: number, rev: number): MessageRecord => ({
    ...tombstone({ id: newId(9), thread_id: stage.thread, community_id: stage.community, seq, rev, epoch: 7 }, 0),
    content: 'from a zombie',
    deleted_at: null,
  });

  it('shows and acknowledges nothing before the store has it', async () => {
    let release = (): void => undefined;
    stage.append = async (real, records) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return real(records);
    };
    let answered = false;
    const sending = stage.send('a').then(() => {
      answered = true;
    });
    await stage.clock.advance(1000);
    expect(answered).toBe(false);
    expect(stage.events('new_message')).toEqual([]);
    release();
    await stage.during(sending);
    expect(stage.events('new_message').map((m) => m.seq)).toEqual([1]);
  });

  it('gathers what arrives during a write into the next one, in order', async () => {
    const batches: number[] = [];
    stage.append = async (real, records) => {
      batches.push(records.length);
      await stage.clock.sleep(10);
      return real(records);
    };
    const answers = await stage.during(Promise.all(Array.from({ length: 100 }, (_x, i) => stage.send(`${i}`))));
    expect(answers.map((a) => a.message.seq)).toEqual(Array.from({ length: 100 }, (_x, i) => i + 1));
    expect(batches.length).toBeLessThan(5);
    expect(stage.events('new_message').map((m) => m.rev)).toEqual(Array.from({ length: 100 }, (_x, i) => i + 1));
  });

  it('makes one message of one nonce: at once, later, and after another activation', async () => {
    const [first, second] = await Promise.all([stage.send('a', 'n'), stage.send('b', 'n')]);
    expect(first.created).toBe(true);
    expect(second).toMatchObject({ created: false, message: { id: first.message.id } });
    expect(await stage.send('c', 'n')).toMatchObject({ created: false, message: { id: first.message.id } });
    for (let i = 0; i < 300; i++) await stage.send(`${i}`);
    expect(await stage.send('d', 'n')).toMatchObject({ created: false, message: { id: first.message.id } });
    expect((await stage.send('next')).message.seq).toBe(302);
  });

  it('writes again, with the same id, what has no known outcome', async () => {
    const tries: string[][] = [];
    stage.append = async (real, records) => {
      tries.push(records.map((r) => r.id));
      if (tries.length === 1) return records.map(() => 'unknown');
      return real(records);
    };
    const { message } = await stage.during(stage.send('a'));
    expect(message.seq).toBe(1);
    expect(tries[1]).toEqual(tries[0]);
    expect(await stage.stored()).toHaveLength(1);
  });

  it('takes a write that went through unseen for its own', async () => {
    let calls = 0;
    stage.append = async (real, records) => {
      const outcomes = await real(records);
      return calls++ === 0 ? records.map(() => 'unknown') : outcomes;
    };
    const { message, created } = await stage.during(stage.send('a'));
    expect({ seq: message.seq, created }).toEqual({ seq: 1, created: true });
    expect(await stage.stored()).toHaveLength(1);
    expect(stage.events('new_message')).toHaveLength(1);
  });

  it('answers timeout while the outcome stays unknown, then unavailable at once; settles it before the next change', async () => {
    await stage.send('before');
    stage.append = async (_real, records) => records.map(() => 'unknown');
    const [first, second] = [codeOf(stage.send('a', 'n')), codeOf(stage.send('b'))];
    expect(await stage.during(first)).toBe('timeout');
    expect(await second).toBe('unavailable');
    const began = stage.clock.monotonic();
    expect(await codeOf(stage.send('c'))).toBe('unavailable');
    expect(stage.clock.monotonic()).toBe(began);
    expect(await stage.ask<{ head_rev: number }>({ type: 'sync', by: stage.owner, after_rev: 0 })).toMatchObject({ head_rev: 1 });
    await stage.clock.advance(60_000);
    expect(stage.events('new_message')).toHaveLength(1);
    stage.append = undefined;
    await stage.clock.advance(1_000);
    expect((await stage.send('d')).message.seq).toBe(3);
    expect(await stage.send('a', 'n')).toMatchObject({ created: false, message: { seq: 2 } });
    expect((await stage.stored()).map((m) => m.content)).toEqual(['before', 'a', 'd']);
    expect(stage.events('new_message').map((m) => m.rev)).toEqual([1, 2, 3]);
  });

  it('that ends acknowledges what the write under way brings, and lets the rest be sent again', async () => {
    stage.append = async (real, records) => {
      await stage.clock.sleep(500);
      return real(records);
    };
    const first = codeOf(stage.send('a'));
    await stage.clock.advance(100);
    const second = codeOf(stage.send('b'));
    await stage.clock.advance(100);
    const ended = stage.actors.catalog.evacuate(() => true, 'handoff');
    expect(await stage.during(Promise.all([first, second]))).toEqual(['ok', 'unavailable']);
    await stage.during(ended);
    expect(stage.events('new_message').map((m) => m.rev)).toEqual([1]);
  });

  it('gives what an overtaken node wrote under a rev gone by a new one, so that everybody gets it', async () => {
    const { message } = await stage.send('a');
    for (const emoji of ['x', 'y', 'z']) await stage.ask({ type: 'react', by: stage.owner, message_id: message.id, emoji, add: true });
    await stage.base.messages.append([foreign(2, 2)]);
    expect((await stage.during(stage.send('b'))).message).toMatchObject({ seq: 3, rev: 6 });
    expect((await stage.stored()).map((m) => [m.content, m.rev])).toEqual([
      ['a', 4],
      ['from a zombie', 5],
      ['b', 6],
    ]);
  });

  it('places itself behind what another node has written', async () => {
    await stage.send('a');
    await stage.base.messages.append([foreign(2, 2)]);
    const { message } = await stage.during(stage.send('b'));
    expect([message.seq, message.rev]).toEqual([3, 3]);
    expect((await stage.stored()).map((m) => m.content)).toEqual(['a', 'from a zombie', 'b']);
  });

  it('closes the hole that a refused record leaves in a batch before anything later is acknowledged', async () => {
    let first = true;
    stage.append = async (real, records) => {
      if (first) {
        first = false;
        await stage.clock.sleep(50);
        // The nonce of the second of three is there already, written long ago by a forgotten owner.
        await stage.base.messages.append([{ ...foreign(1000, 1000), author: stage.owner, nonce: 'old' }]);
        await stage.base.messages.purge('x', 1);
      }
      return real(records);
    };
    // One write is under way, so these three form one batch behind it.
    const answers = await stage.during(Promise.all([stage.send('a'), stage.send('b'), stage.send('c', 'old'), stage.send('d')]));
    expect(answers[2]?.created).toBe(false);
    const stored = (await stage.stored()).filter((m) => m.seq < 900);
    expect(stored.map((m) => m.seq)).toEqual([1, 2, 3, 4]);
    expect(stored[2]?.deleted_at).not.toBeNull();
  });

  it('closes a hole that a crash left, before its first own write', async () => {
    await stage.base.messages.append([foreign(1, 1), foreign(3, 3)]);
    const { message } = await stage.during(stage.send('a'));
    expect(message.seq).toBe(4);
    expect((await stage.stored()).map((m) => [m.seq, m.rev])).toEqual([1, 2, 3, 4].map((n) => [n, n]));
  });

  it('settles an edit whose outcome is unknown, whether it went through or not', async () => {
    const { message } = await stage.send('a');
    for (const goesThrough of [true, false]) {
      let calls = 0;
      stage.change = async (real, record, ifRev) => {
        if (calls++ > 0) return real(record, ifRev);
        if (goesThrough) await real(record, ifRev);
        return 'unknown';
      };
      const content = `edited ${goesThrough}`;
      await stage.during(stage.ask({ type: 'edit', by: stage.owner, message_id: message.id, content, mentions: [] }));
      expect((await stage.stored())[0]?.content).toBe(content);
    }
    expect((await stage.stored())[0]?.rev).toBe(3);
    expect(stage.events('message_updated').map((m) => m.rev)).toEqual([2, 3]);
  });

  it('puts an edit on top of what another node changed', async () => {
    const { message } = await stage.send('a');
    const stored = (await stage.stored())[0] as MessageRecord;
    await stage.base.messages.change({ ...stored, content: 'changed elsewhere', rev: 2, epoch: 9 }, 1);
    await stage.during(stage.ask({ type: 'react', by: stage.owner, message_id: message.id, emoji: 'x', add: true }));
    expect((await stage.stored())[0]).toMatchObject({
      content: 'changed elsewhere',
      rev: 3,
      reactions: [{ emoji: 'x', members: [stage.owner] }],
    });
  });

  it('refuses with overloaded when too much waits, and loses none of what it took', async () => {
    stage.append = async (real, records) => {
      await stage.clock.sleep(1);
      return real(records);
    };
    const ends = await stage.during(Promise.all(Array.from({ length: 5300 }, (_x, i) => codeOf(stage.send(`${i}`)))), 1);
    const refused = ends.filter((e) => e === 'overloaded').length;
    expect(refused).toBeGreaterThan(0);
    expect(new Set(ends)).toEqual(new Set(['ok', 'overloaded']));
    expect(await stage.base.messages.countLive(stage.thread)).toBe(5300 - refused);
  });

  it('catches up from memory and from the store alike', async () => {
    const sent = [];
    for (let i = 1; i <= 5; i++) sent.push((await stage.send(`${i}`)).message);
    await stage.ask({ type: 'delete', by: stage.owner, message_id: sent[0]!.id });
    type Page = { messages: { seq: number; rev: number }[]; head_rev: number; complete: boolean };
    const fromMemory = await stage.ask<Page>({ type: 'sync', by: stage.owner, after_rev: 3 });
    expect(fromMemory.messages.map((m) => [m.seq, m.rev])).toEqual([
      [4, 4],
      [5, 5],
      [1, 6],
    ]);
    await stage.clock.advance(600_000);
    expect(await stage.ask<Page>({ type: 'sync', by: stage.owner, after_rev: 3 })).toEqual(fromMemory);
  });

  it('keeps read cursors from going back, and counts unread by them', async () => {
    const reader = newId(8);
    await stage.askCommunity({ type: 'join', by: reader });
    for (let i = 0; i < 3; i++) await stage.send(`${i}`);
    expect(await stage.ask({ type: 'mark_read', by: reader, seq: 2 })).toEqual({ read_seq: 2 });
    expect(await stage.ask({ type: 'mark_read', by: reader, seq: 1 })).toEqual({ read_seq: 2 });
    expect(await stage.ask({ type: 'get', by: reader })).toMatchObject({ me: { read_seq: 2, unread_count: 1 } });
    expect(await stage.ask({ type: 'mark_read', by: reader, seq: 99 })).toEqual({ read_seq: 3 });
    expect(await stage.ask({ type: 'get', by: stage.owner })).toMatchObject({ me: { unread_count: 0 } });
  });

  it('ends typing by itself', async () => {
    await stage.ask({ type: 'typing', by: stage.owner, on: true });
    await stage.clock.advance(7_900);
    expect(stage.published.map((p) => p.event)).not.toContain('stop_typing');
    await stage.clock.advance(200);
    expect(stage.published.map((p) => p.event)).toContain('stop_typing');
  });

  it('lets no one send whom the community has removed or muted', async () => {
    const other = newId(8);
    await stage.askCommunity({ type: 'join', by: other });
    await stage.send('hello', 'n1', other);
    await stage
      .askCommunity({ type: 'change_membership', by: stage.owner, member_id: other, muted_until: stage.clock.now() + 1000 })
      .catch(() => undefined);
    await stage.askCommunity({ type: 'remove_member', by: stage.owner, member_id: other });
    expect(stage.evicted).toEqual([other]);
    expect(await codeOf(stage.send('again', 'n2', other))).toBe('forbidden');
  });
});

describe('figures and cursors', () => {
  it('that the store did not take are written once it does', async () => {
    const stage = await new Stage().open();
    const raise = stage.base.reads.raise.bind(stage.base.reads);
    const setHeads = stage.base.threads.setHeads.bind(stage.base.threads);
    const away = async (): Promise<never> => {
      throw new Fault('unavailable');
    };
    stage.base.reads.raise = away;
    stage.base.threads.setHeads = away;
    await stage.send('a');
    await stage.clock.advance(10_000);
    expect(await stage.base.threads.byId(stage.thread)).toMatchObject({ last_seq: 0 });
    stage.base.reads.raise = raise;
    stage.base.threads.setHeads = setHeads;
    await stage.clock.advance(5_000);
    expect(await stage.base.threads.byId(stage.thread)).toMatchObject({ last_seq: 1, head_rev: 1 });
    expect(await stage.base.reads.get(stage.thread, stage.owner)).toMatchObject({ seq: 1 });
    await stage.actors.stop();
  });
});

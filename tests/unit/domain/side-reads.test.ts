import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import { threadAddress } from '../../../src/actors/domain/thread/messages.js';
import { newId } from '../../../src/kernel/ids.js';
import { Stage } from './stage.js';

/** Lets what is ready run. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('those who only look', () => {
  let stage: Stage;
  let release: () => void;
  /** What is read while this is set is held up on its way. */
  let held: Promise<void> | undefined;
  let looks: number;

  beforeEach(async () => {
    stage = await new Stage().open();
    held = new Promise((resolve) => {
      release = resolve;
    });
    looks = 0;
    const { memberships, reads } = stage.base;
    const [membership, cursor] = [memberships.get.bind(memberships), reads.get.bind(reads)];
    jest.spyOn(memberships, 'get').mockImplementation(async (...ids) => {
      looks += 1;
      await held;
      return membership(...ids);
    });
    jest.spyOn(reads, 'get').mockImplementation(async (...ids) => {
      looks += 1;
      await held;
      return cursor(...ids);
    });
  });
  afterEach(() => stage.actors.stop());

  const access = (member_id: string) => stage.askCommunity<{ role: string | null }>({ type: 'access', member_id });

  it('do not wait for the store on behalf of each other, nor hold up those who do something', async () => {
    const asks = Array.from({ length: 40 }, () => access(newId(6)));
    await settle();
    expect(looks).toBe(40);
    await stage.askCommunity({ type: 'update', by: stage.owner, patch: { name: 'new' } });
    release();
    expect((await Promise.all(asks)).map(({ role }) => role)).toEqual(asks.map(() => null));
  });

  it('wait for each other beyond a bound, in the order of their coming, and hold up nobody who does something', async () => {
    const answered: number[] = [];
    const asks = Array.from({ length: 200 }, (_x, i) => access(newId(6)).then(() => answered.push(i)));
    await settle();
    expect(looks).toBe(64);
    await stage.askCommunity({ type: 'update', by: stage.owner, patch: { name: 'new' } });
    release();
    await Promise.all(asks);
    expect([looks, answered]).toEqual([200, Array.from({ length: 200 }, (_x, i) => i)]);
  });

  it('hold up no send, however many open the thread', async () => {
    await stage.send('before');
    const opened = Array.from({ length: 300 }, () => stage.ask({ type: 'open', by: stage.owner }));
    await settle();
    await stage.send('meanwhile');
    expect((await stage.stored()).map(({ content }) => content)).toEqual(['before', 'meanwhile']);
    release();
    await Promise.all(opened);
  });

  it('are refused when more wait than a mailbox holds', async () => {
    const asks = Array.from({ length: 10_100 }, () =>
      access(newId(6)).then(
        () => 'ok',
        (error: { code: string }) => error.code,
      ),
    );
    await settle();
    release();
    const codes = await Promise.all(asks);
    expect([codes.filter((code) => code === 'ok').length, codes.filter((code) => code === 'overloaded').length]).toEqual([10_064, 36]);
  });

  it('hear at once that the actor ends while they still wait', async () => {
    const asks = Array.from({ length: 100 }, () =>
      access(newId(6)).then(
        () => 'ok',
        (error: { code: string }) => error.code,
      ),
    );
    await settle();
    const gone = stage.actors.catalog.evacuate(({ kind }) => kind !== 'user', 'handoff');
    await settle();
    release();
    await gone;
    const codes = await Promise.all(asks);
    expect([codes.slice(0, 64), codes.slice(64)].map((some) => [...new Set(some)])).toEqual([['ok'], ['unavailable']]);
  });

  it('open a thread while others wait for it, and it goes on writing', async () => {
    const before = await stage.send('before');
    // The owner's own cursor is not in memory: each opening reads it.
    const opened = [1, 2, 3].map(() => stage.ask<{ head_rev: number; messages: object[] }>({ type: 'open', by: stage.owner }));
    await settle();
    expect(looks).toBeGreaterThanOrEqual(3);
    expect((await stage.send('meanwhile')).message.seq).toBe(before.message.seq + 1);
    release();
    for (const { head_rev, messages } of await Promise.all(opened)) expect([head_rev, messages.length]).toEqual([1, 1]);
  });

  it('get their answer when the actor ends before the store has answered', async () => {
    const ask = access(newId(6));
    const open = stage.ask({ type: 'open', by: stage.owner });
    await settle();
    const gone = stage.actors.catalog.evacuate(({ kind }) => kind !== 'user', 'handoff');
    await settle();
    release();
    await gone;
    expect(await ask).toMatchObject({ role: null });
    expect(await open).toMatchObject({ head_rev: 0 });
    expect(stage.actors.catalog.has(communityAddress(stage.community))).toBe(false);
    expect(stage.actors.catalog.has(threadAddress(stage.thread))).toBe(false);
  });
});

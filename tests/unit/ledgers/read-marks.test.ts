import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LeftReads } from '../../../src/actors/domain/left-reads.js';
import { readWindow } from '../../../src/actors/domain/user/copied.js';
import { hasUntold } from '../../../src/actors/domain/user/messages.js';
import { memberLedger } from '../../../src/actors/ledger/names.js';
import { newId } from '../../../src/kernel/ids.js';
import { aCommunity, aMembership, aThread } from '../../conformance/store/records.js';
import { MemberStage } from './member-stage.js';

describe('how far one has read, in the ledger of a member', () => {
  let stage: MemberStage;
  let community: string;
  let number = 0;
  beforeEach(async () => {
    stage = await new MemberStage().open();
    const record = aCommunity();
    community = record.id;
    await stage.base.communities.insert(record);
    await stage.base.memberships.put(aMembership({ community_id: community, member_id: stage.member }));
    await stage.base.memberships.told(stage.member, await stage.base.memberships.untold(stage.member, 5));
  });
  afterEach(() => stage.stop());

  const connect = (device: string): void => stage.tell({ type: 'device_seen', device, node: 'n1' });
  const aPlace = async (fields = {}): Promise<string> => {
    const thread = aThread({ id: newId(stage.clock.now()), community_id: community, ...fields });
    await stage.base.threads.insert(thread);
    return thread.id;
  };
  const mark = async (thread_id: string, seq: number): Promise<void> => {
    await stage.base.reads.raise([{ thread_id, member_id: stage.member, seq, at: number++ }]);
    stage.tell(hasUntold('read') as never);
  };
  const items = async (): Promise<Map<string, unknown>> => {
    await stage.clock.advance(3_000);
    return new Map(
      (await stage.base.ledgers.ofKind(memberLedger(stage.member), 'read', null, 5_000)).map(({ key, value }) => [key, value]),
    );
  };
  const value = (last_read_seq: number) => ({ community_id: community, last_read_seq });

  it('one mark commit for all of two seconds, while two devices are there', async () => {
    for (const device of ['laptop', 'phone']) connect(device);
    const [one, other] = [await aPlace(), await aPlace()];
    for (let seq = 1; seq <= 15; seq++) {
      await mark(one, seq);
      await stage.clock.advance(100);
    }
    await mark(other, 3);
    expect(stage.calls.append).toBeUndefined();
    await stage.clock.advance(600);
    expect(stage.calls.append).toBe(1);
    expect(stage.told.filter(({ event }) => event === 'ledger_changed').map(({ payload }) => payload.items)).toEqual([
      [
        { kind: 'read', key: one, rev: 1, value: value(15) },
        { kind: 'read', key: other, rev: 1, value: value(3) },
      ],
    ]);
    // Whoever writes may have left out hints since the last one.
    await stage.base.reads.raise([{ thread_id: one, member_id: stage.member, seq: 16, at: 1 }]);
    await stage.clock.advance(2_100);
    expect([stage.calls.append, (await items()).get(one)]).toEqual([2, value(16)]);
    await stage.clock.advance(60_000);
    expect(stage.calls.append).toBe(2);
  });

  it('marks wait for half a minute where one device is there, and not for whoever comes and asks', async () => {
    connect('laptop');
    const one = await aPlace();
    await mark(one, 1);
    await stage.clock.advance(29_000);
    expect(stage.calls.append).toBeUndefined();
    expect((await stage.sync()).items).toMatchObject([{ kind: 'read', key: one, value: value(1) }]);
    expect(stage.calls.append).toBe(1);
    await mark(one, 2);
    connect('phone');
    await mark(one, 3);
    await stage.clock.advance(2_100);
    expect(stage.calls.append).toBe(2);
  });

  it('what is gathered is committed when the actor ends in order, and left to the sweep when it is lost', async () => {
    const one = await aPlace();
    await mark(one, 1);
    await stage.clock.advance(10);
    await stage.end('idle');
    expect(stage.calls.append).toBe(1);
    await mark(one, 2);
    await stage.clock.advance(10);
    await stage.end('lost');
    expect(stage.calls.append).toBe(1);
    expect(await stage.base.reads.untoldMembers(stage.clock.now() + 10_000, undefined, 5)).toEqual([stage.member]);
  });

  it('of a thread that is deleted, or not theirs to view, nothing is shown; what was shown goes, and comes again with the next mark', async () => {
    const [gone, hidden, open, other] = [await aPlace(), await aPlace(), await aPlace(), await aPlace()];
    for (const id of [gone, hidden, open]) await mark(id, 4);
    await stage.clock.advance(31_000);
    expect([...(await items()).keys()].sort()).toEqual([gone, hidden, open].sort());
    const closed = { overrides: [{ subject: `role:${community}`, allow: [], deny: ['view'] }] };
    await stage.base.threads.update(gone, { deleted_at: 1 });
    await stage.base.reads.removeByThread(gone);
    for (const id of [hidden, other]) await stage.base.threads.update(id, closed as never);
    await mark(other, 7);
    const left = new LeftReads(stage.base);
    const thread = (await stage.base.threads.byId(hidden))!;
    expect(await left.ofThread(thread)).toEqual([stage.member]);
    await stage.clock.advance(31_000);
    expect(await items()).toEqual(new Map([[open, value(4)]]));
    // It is shown no more, and so marked no more.
    expect([await left.ofThread(thread), await stage.base.reads.untold(stage.member, 5)]).toEqual([[], []]);
    expect(await stage.base.reads.get(gone, stage.member)).toBeNull();

    await stage.base.threads.update(hidden, { overrides: [] } as never);
    await mark(hidden, 4);
    await stage.clock.advance(31_000);
    expect(await items()).toEqual(new Map([hidden, open].map((id) => [id, value(4)])));
    const membership = (await stage.base.memberships.get(community, stage.member))!;
    await stage.base.memberships.put({ ...membership, state: 'left', version: membership.version + 1 });
    expect(await left.ofMember(community, stage.member)).toBe(true);
    stage.tell(hasUntold('read') as never);
    await stage.clock.advance(31_000);
    expect(await items()).toEqual(new Map());
    expect(await left.ofMember(community, stage.member)).toBe(false);
  });

  it('the newest are kept, and those go that were marked longest ago', async () => {
    const threads: string[] = [];
    for (let i = 0; i < readWindow + 40; i++) {
      threads.push(await aPlace());
      await stage.base.reads.raise([{ thread_id: threads[i]!, member_id: stage.member, seq: 1, at: i }]);
      if (i % 100 === 99) {
        stage.tell(hasUntold('read') as never);
        await stage.clock.advance(31_000);
      }
    }
    await mark(threads[0]!, 2);
    await stage.clock.advance(31_000);
    await stage.clock.advance(31_000);
    const kept = await items();
    expect(kept.size).toBeLessThanOrEqual(readWindow);
    expect(kept.size).toBeGreaterThan(readWindow - 150);
    expect(kept.get(threads[0]!)).toEqual(value(2));
    for (const id of threads.slice(-800)) expect(kept.has(id)).toBe(true);
    const { append } = stage.calls;
    await mark(threads[0]!, 3);
    await stage.clock.advance(31_000);
    expect(stage.calls.append).toBe(append! + 1);
  });
});

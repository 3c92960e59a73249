import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { notificationWindow } from '../../../src/actors/domain/user/copied.js';
import { hasUntold } from '../../../src/actors/domain/user/messages.js';
import { memberLedger } from '../../../src/actors/ledger/names.js';
import { newId } from '../../../src/kernel/ids.js';
import type { LedgerItemRecord } from '../../../src/store/contracts.js';
import { toNotification, toOwnMembership, toOwnSession } from '../../../src/store/resources.js';
import { aCommunity, aMembership, aNotification, aSession } from '../../conformance/store/records.js';
import { MemberStage } from './member-stage.js';

describe('what the ledger of a member copies', () => {
  let stage: MemberStage;
  let home: string | undefined;
  beforeEach(async () => {
    home = undefined;
    stage = await new MemberStage().open();
  });
  afterEach(() => stage.stop());

  const itemsOf = async (kind: string): Promise<LedgerItemRecord[]> => {
    await stage.clock.advance(5_000);
    return stage.base.ledgers.ofKind(memberLedger(stage.member), kind, null, 5_000);
  };
  const valuesOf = async (kind: string) => new Map((await itemsOf(kind)).map(({ key, value }) => [key, value]));
  const joined = async (roles: string[] = []) => {
    const community = aCommunity();
    const membership = aMembership({ community_id: community.id, member_id: stage.member, roles });
    await stage.base.communities.insert(community);
    await stage.base.memberships.put(membership);
    return { community, membership };
  };
  /** In a community that they belong to, unless told. */
  const rings = async (count: number, where?: string) => {
    home ??= (await joined()).community.id;
    const community_id = where ?? home;
    const some = Array.from({ length: count }, () => {
      const now = stage.clock.now();
      return aNotification({ id: newId(now), member_id: stage.member, community_id, created_at: now });
    });
    await stage.base.notifications.insert(some);
    stage.tell(hasUntold('notification') as never);
    return some;
  };

  it('a crowd of hints is one read and few commits, however many memberships there are', async () => {
    const all = await Promise.all(Array.from({ length: 200 }, () => joined()));
    for (const { community } of all) stage.tell({ type: 'communities_changed', community_id: community.id });
    await stage.clock.advance(500);
    expect(stage.calls.append).toBe(2);
    expect(await valuesOf('membership')).toEqual(
      new Map(all.map(({ community, membership }) => [community.id, toOwnMembership(community, membership)])),
    );
    expect(await stage.base.memberships.untold(stage.member, 1)).toEqual([]);
    expect(stage.told.map(({ payload }) => payload.items.length)).toEqual([100, 100]);
  });

  it('a write that changes nothing that is shown commits nothing, once the actor has been alone for a while', async () => {
    const { membership } = await joined();
    stage.tell(hasUntold('membership') as never);
    await stage.clock.advance(60_000);
    const { append } = stage.calls;
    await stage.base.memberships.put({ ...membership, version: 2 });
    stage.tell(hasUntold('membership') as never);
    await stage.clock.advance(1_000);
    expect([stage.calls.append, await stage.base.memberships.untold(stage.member, 1)]).toEqual([append, []]);
  });

  it('large values are several commits, each within its bounds', async () => {
    const roles = Array.from({ length: 250 }, (_, at) => newId(at));
    const all = await Promise.all(Array.from({ length: 30 }, () => joined(roles)));
    stage.tell(hasUntold('membership') as never);
    expect((await itemsOf('membership')).map(({ key }) => key).sort()).toEqual(all.map(({ community }) => community.id).sort());
    expect(stage.calls.append).toBeGreaterThan(2);
  });

  it('a membership goes when it ends, when its community does, and is there again after coming back', async () => {
    const [left, gone, stays] = [await joined(), await joined(), await joined()];
    stage.tell(hasUntold('membership') as never);
    await stage.clock.advance(1_000);
    await stage.base.memberships.put({ ...left.membership, state: 'banned', version: 2 });
    await stage.base.communities.update(gone.community.id, { deleted_at: 1 });
    await stage.base.memberships.removeByCommunity(gone.community.id);
    stage.tell(hasUntold('membership') as never);
    expect((await itemsOf('membership')).map(({ key }) => key)).toEqual([stays.community.id]);
    await stage.base.memberships.put({ ...left.membership, version: 3, joined_at: 9 });
    stage.tell(hasUntold('membership') as never);
    expect([...(await valuesOf('membership')).keys()].sort()).toEqual([left.community.id, stays.community.id].sort());
  });

  it('of notifications the newest are kept, whatever came, was read and went meanwhile', async () => {
    const old = await rings(notificationWindow);
    expect(await itemsOf('notification')).toHaveLength(notificationWindow);
    const [next] = await rings(1);
    const kept = await valuesOf('notification');
    expect([kept.size, kept.has(old[0]!.id), kept.get(next!.id)]).toEqual([notificationWindow, false, toNotification(next!)]);
    await rings(250);
    expect((await itemsOf('notification')).map(({ key }) => key)).toEqual(
      (await stage.base.notifications.list(stage.member, {}, { limit: notificationWindow })).map(({ id }) => id).sort(),
    );
    // Those beyond are marked as read as well, and are no items for that.
    await stage.base.notifications.markRead(stage.member, undefined, 7);
    stage.tell(hasUntold('notification') as never);
    await stage.clock.advance(5_000);
    const read = await itemsOf('notification');
    expect(read).toHaveLength(notificationWindow);
    expect(read.every(({ value }) => (value as { read_at: string }).read_at !== null)).toBe(true);
    expect(await stage.base.notifications.untold(stage.member, 1)).toEqual([]);
    await stage.base.notifications.remove([next!.id]);
    stage.tell(hasUntold('notification') as never);
    expect((await valuesOf('notification')).has(next!.id)).toBe(false);
  });

  it('a notification that is copied late tells nothing of a community that was left meanwhile', async () => {
    const { community, membership } = await joined();
    stage.away = true;
    const [late] = await rings(1, community.id);
    await stage.base.memberships.put({ ...membership, state: 'left', version: 2 });
    stage.away = false;
    const [other] = await rings(1);
    expect([...(await valuesOf('notification')).keys()]).toEqual([other!.id]);
    expect(await stage.base.notifications.untold(stage.member, 1)).toEqual([]);
    expect(JSON.stringify(stage.told)).not.toContain(late!.thread_id);
  });

  it('a session that expires goes, although nobody tells, some time after somebody looks', async () => {
    const now = stage.clock.now();
    const brief = aSession({ member_id: stage.member, expires_at: now + 10_000 });
    const long = aSession({ member_id: stage.member, expires_at: now + 1e9 });
    for (const one of [brief, long]) await stage.base.sessions.insert(one);
    stage.tell(hasUntold('session') as never);
    expect(await valuesOf('session')).toEqual(new Map([brief, long].map((one) => [one.id, toOwnSession(one)])));
    expect(JSON.stringify(toOwnSession(long))).not.toContain('last_used');
    await stage.clock.advance(20_000);
    // As long as a device is connected.
    for (let minutes = 0; minutes < 13; minutes++) {
      await stage.sync();
      await stage.clock.advance(60_000);
    }
    expect([...(await valuesOf('session')).keys()]).toEqual([long.id]);
    await stage.base.sessions.end(long.id, 5);
    stage.tell(hasUntold('session') as never);
    expect(await itemsOf('session')).toEqual([]);
  });

  it('a store that is away leaves it untold, for the next hint', async () => {
    await joined();
    stage.away = true;
    stage.tell(hasUntold('membership') as never);
    await stage.clock.advance(10_000);
    expect(await stage.base.memberships.untold(stage.member, 5)).toHaveLength(1);
    stage.away = false;
    await stage.clock.advance(10_000);
    stage.tell(hasUntold('membership') as never);
    expect(await itemsOf('membership')).toHaveLength(1);
    expect(await stage.base.memberships.untold(stage.member, 5)).toEqual([]);
  });

  it('a hint of a kind that is not copied here is passed over', async () => {
    stage.tell({ type: 'has_untold', kind: 'setting' });
    stage.tell({ type: 'has_untold' });
    await stage.clock.advance(1_000);
    expect(stage.calls).toEqual({});
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projectionOf } from '../../../src/store/community-items.js';
import type { Untold, UntoldRecords } from '../../../src/store/contracts.js';
import { backends, type OpenStore } from './backends.js';
import { aCommunity, aMembership, aNotification, anId, aSession, aThread } from './records.js';

/** Later than every mark that was set until now. */
const later = (): number => Date.now() + 2_000;

const marksOf = async <R>(records: UntoldRecords<R>, memberId: string): Promise<Map<string, Untold<R>>> =>
  new Map((await records.untold(memberId, 1_000)).map((one) => [one.key, one]));

describe.each(backends)('what ledgers do not know yet, in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const store = () => opened.store;
  const toldAll = async <R>(records: UntoldRecords<R>, memberId: string): Promise<void> => {
    await records.told(memberId, await records.untold(memberId, 1_000));
    expect(await records.untold(memberId, 1)).toEqual([]);
  };

  test('each write of a membership marks it anew, and a mark goes only if it is that one still', async () => {
    const { memberships } = store();
    const record = aMembership();
    const { member_id, community_id } = record;
    await memberships.put(record);
    const [first] = await memberships.untold(member_id, 10);
    expect(first).toEqual({ key: community_id, mark: expect.any(String), record });
    const next = { ...record, roles: [anId()], version: 2 };
    await memberships.put(next);
    await memberships.told(member_id, [first!]);
    const [second] = await memberships.untold(member_id, 10);
    expect(second).toEqual({ key: community_id, mark: expect.any(String), record: next });
    expect(second!.mark).not.toBe(first!.mark);
    await memberships.told(anId(), [second!]);
    expect(await memberships.untold(member_id, 10)).toEqual([second]);
    await memberships.told(member_id, [second!]);
    expect(await memberships.untold(member_id, 10)).toEqual([]);
    expect(await memberships.get(community_id, member_id)).toEqual(next);
    // A write that finds no place marks nothing.
    expect(await memberships.put(next)).toBe(false);
    expect(await memberships.untold(member_id, 10)).toEqual([]);
    await memberships.told(member_id, []);
  });

  test('memberships of an import are untold; what was there already is not marked', async () => {
    const { memberships } = store();
    const [there, fresh] = [aMembership(), aMembership()];
    await memberships.put(there);
    await toldAll(memberships, there.member_id);
    await memberships.putMissing([there, fresh]);
    expect(await memberships.untold(there.member_id, 10)).toEqual([]);
    expect([...(await marksOf(memberships, fresh.member_id)).keys()]).toEqual([fresh.community_id]);
  });

  test('a thread is marked by each write that changes its item or whether there is one, and by no figure', async () => {
    const { threads } = store();
    const thread = aThread({ title: 'a' });
    const { id, community_id } = thread;
    const marks = async (): Promise<string[]> => (await threads.untold(community_id, 10)).map(({ mark }) => mark);
    await threads.insert(thread);
    const [first] = await threads.untold(community_id, 10);
    expect(first).toEqual({ key: id, mark: expect.any(String), record: thread });
    await threads.insert(thread);
    expect(await marks()).toEqual([first!.mark]);
    for (const patch of [{ title: 'b' }, { tags: ['t'] }, { is_pinned: true }, { content: null }, { mentions: [] }, { deleted_at: 5 }]) {
      const before = await marks();
      await threads.update(id, patch);
      expect(await marks()).not.toEqual(before);
    }
    await threads.told(community_id, [first!]);
    expect(await marks()).toHaveLength(1);
    expect(await threads.untoldAmong(community_id, [id, anId()])).toEqual(await threads.untold(community_id, 10));
    expect(await threads.untoldAmong(anId(), [id])).toEqual([]);
    await toldAll(threads, community_id);
    await threads.update(id, { floor_seq: 3, floor_rev: 4 });
    await threads.setHeads([{ id, last_seq: 5, head_rev: 5, message_count: 5, last_activity: 5 }]);
    expect(await marks()).toEqual([]);
    expect(await threads.untoldAmong(community_id, [id])).toEqual([]);
  });

  test('one that is closed or opened is marked, one that began closed or goes with its community is not', async () => {
    const { threads } = store();
    const open = aThread();
    const { id, community_id } = open;
    const deny = { subject: `role:${community_id}` as const, allow: [], deny: ['view' as const] };
    const closed = aThread({ community_id, overrides: [deny], overrides_version: 1 });
    await threads.putMissing([open, closed]);
    expect((await threads.untold(community_id, 10)).map(({ key }) => key)).toEqual([id]);
    await toldAll(threads, community_id);
    await threads.setOverrides(open, { overrides: [{ ...deny, deny: ['post'] }], overrides_version: 1 });
    expect(await threads.untold(community_id, 10)).toEqual([]);
    await threads.setOverrides(open, { overrides: [deny], overrides_version: 2, scope_since: 7 });
    expect((await threads.untold(community_id, 10)).map(({ key, record }) => [key, record?.scope_since])).toEqual([[id, 7]]);
    expect(await threads.untoldMembers(later(), undefined, 1_000)).toContain(community_id);
    await threads.deleteByCommunity(community_id, 9);
    expect(await threads.untold(community_id, 10)).toEqual([]);
  });

  test('they are marked for what stands beside them; of a deleted community nothing but the mark is left', async () => {
    const { memberships } = store();
    const community_id = anId();
    const [ada, ben] = [aMembership({ community_id }), aMembership({ community_id, roles: [anId()] })];
    for (const one of [ada, ben]) {
      await memberships.put(one);
      await toldAll(memberships, one.member_id);
    }
    await memberships.markUntold(community_id, [ada.member_id, anId()]);
    expect((await marksOf(memberships, ada.member_id)).get(community_id)?.record).toEqual(ada);
    expect(await memberships.untold(ben.member_id, 1)).toEqual([]);

    await memberships.removeByCommunity(community_id);
    const left = { key: community_id, mark: expect.any(String), record: null };
    for (const { member_id } of [ada, ben]) {
      expect(await memberships.untold(member_id, 10)).toEqual([left]);
      expect(await memberships.get(community_id, member_id)).toBeNull();
      expect(await memberships.placesOf(member_id)).toEqual([]);
      expect(await memberships.listByMember(member_id)).toEqual([]);
      expect(await memberships.listBelonging(member_id)).toEqual([]);
    }
    expect(await memberships.countActive(community_id)).toBe(0);
    const [before] = await memberships.untold(ada.member_id, 1);
    await memberships.removeByCommunity(community_id);
    expect(await memberships.untold(ada.member_id, 1)).toEqual([before]);
    for (const { member_id } of [ada, ben]) await toldAll(memberships, member_id);
  });

  test('notifications are untold when they come, are read and go; what is gone is found by nobody else', async () => {
    const { notifications } = store();
    const member_id = anId();
    const some = [0, 1, 2].map((at) => aNotification({ member_id, created_at: at + 1 }));
    await notifications.insert(some);
    const marks = await marksOf(notifications, member_id);
    expect([...marks.values()].map(({ record }) => record)).toEqual(expect.arrayContaining(some));
    // The same again changes nothing.
    await notifications.insert(some);
    expect(await marksOf(notifications, member_id)).toEqual(marks);
    await toldAll(notifications, member_id);

    await notifications.markRead(member_id, [some[0]!.id], 9);
    await notifications.markRead(member_id, [some[0]!.id], 10);
    const read = await notifications.untold(member_id, 10);
    expect(read).toEqual([{ key: some[0]!.id, mark: expect.any(String), record: { ...some[0]!, read_at: 9 } }]);
    await notifications.markReadIn(member_id, { thread_id: some[1]!.thread_id }, 11);
    await notifications.told(member_id, read);
    expect([...(await marksOf(notifications, member_id)).keys()]).toEqual([some[1]!.id]);
    await toldAll(notifications, member_id);

    await notifications.remove([some[1]!.id]);
    await notifications.removeOfMember(some[2]!.community_id, member_id);
    const gone = await marksOf(notifications, member_id);
    expect([...gone.keys()].sort()).toEqual([some[1]!.id, some[2]!.id].sort());
    expect([...gone.values()].map(({ record }) => record)).toEqual([null, null]);
    expect((await notifications.list(member_id, {}, { limit: 10 })).map(({ id }) => id)).toEqual([some[0]!.id]);
    expect((await notifications.list(member_id, { unread: false }, { limit: 10 })).map(({ id }) => id)).toEqual([some[0]!.id]);
    const after = { created_at: 5, id: some[2]!.id };
    expect((await notifications.list(member_id, {}, { after, limit: 10 })).map(({ id }) => id)).toEqual([some[0]!.id]);
    expect(await notifications.countUnread(member_id, 10)).toBe(0);
    expect(await notifications.causedBy(some.map(({ message_id }) => message_id!))).toEqual([{ ...some[0]!, read_at: 9 }]);
    expect((await notifications.behind(undefined, 1_000)).filter((one) => one.member_id === member_id)).toHaveLength(1);
    expect(await notifications.inThread(some[1]!.thread_id, undefined, 10)).toEqual([]);
    expect(await notifications.markRead(member_id, undefined, 12)).toBe(0);
    // Removed once more it is not marked anew, and its cause may have another.
    await notifications.remove([some[1]!.id]);
    expect(await marksOf(notifications, member_id)).toEqual(gone);
    const again = { ...some[1]!, id: anId() };
    expect(await notifications.insert([again])).toEqual([again]);
    await notifications.remove([again.id]);
    expect((await marksOf(notifications, member_id)).size).toBe(3);
    await toldAll(notifications, member_id);
    expect(await notifications.insert([again])).toEqual([again]);
  });

  test('a cursor that is raised is untold, not one that is raised quietly; what was quiet is told by the same mark', async () => {
    const { reads } = store();
    const [thread_id, member_id] = [anId(), anId()];
    const raise = (seq: number, at: number, quiet = false) =>
      reads.raise([{ thread_id, member_id, seq, at, ...(quiet && { is_quiet: true as const }) }]);
    const untold = async () => (await reads.untold(member_id, 10)).map(({ key, record }) => [key, record?.seq, record?.at]);
    await raise(1, 10, true);
    expect(await reads.get(thread_id, member_id)).toEqual({ thread_id, member_id, seq: 1, at: 10, is_quiet: true });
    expect(await untold()).toEqual([]);
    await raise(1, 11);
    expect([await reads.get(thread_id, member_id), await untold()]).toEqual([
      { thread_id, member_id, seq: 1, at: 11 },
      [[thread_id, 1, 11]],
    ]);
    const [first] = await reads.untold(member_id, 10);
    await raise(1, 12);
    await raise(0, 13);
    await raise(1, 14, true);
    expect((await reads.untold(member_id, 10))[0]!.mark).toBe(first!.mark);
    expect(await reads.get(thread_id, member_id)).toEqual({ thread_id, member_id, seq: 1, at: 14 });
    await raise(3, 20);
    await reads.told(member_id, [first!]);
    expect(await untold()).toEqual([[thread_id, 3, 20]]);
    await toldAll(reads, member_id);
    await raise(5, 30, true);
    await raise(4, 31);
    expect([await untold(), (await reads.get(thread_id, member_id))!.is_quiet]).toEqual([[], true]);
    // Both by one write: whatever is higher, it was marked.
    await Promise.all([raise(6, 40), raise(7, 41, true), raise(6, 42, true)]);
    expect(await untold()).toEqual([[thread_id, 7, 41]]);
    await toldAll(reads, member_id);
    await raise(8, 50);
    await toldAll(reads, member_id);
    await reads.leaveOut([
      { thread_id, member_id },
      { thread_id: anId(), member_id },
    ]);
    expect(await reads.untold(member_id, 10)).toMatchObject([{ key: thread_id, record: { seq: 8, is_quiet: true } }]);
    await reads.leaveOut([]);
    await toldAll(reads, member_id);
    await raise(8, 51);
    expect(await untold()).toEqual([[thread_id, 8, 51]]);
    expect(await reads.untoldMembers(later(), undefined, 1_000)).toContain(member_id);
    await toldAll(reads, member_id);
  });

  test('of the cursors of a deleted thread nothing but the mark is left; those of a thread are found by member', async () => {
    const { reads } = store();
    const thread_id = anId();
    const members = [anId(), anId(), anId()].sort();
    await reads.raise(members.map((member_id, at) => ({ thread_id, member_id, seq: at + 1, at })));
    for (const id of members) await toldAll(reads, id);
    expect((await reads.inThread(thread_id, undefined, 2)).map(({ seq }) => seq)).toEqual([1, 2]);
    expect((await reads.inThread(thread_id, members[1], 2)).map(({ seq }) => seq)).toEqual([3]);
    await reads.removeByThread(thread_id);
    await reads.removeByThread(thread_id);
    expect(await reads.inThread(thread_id, undefined, 10)).toEqual([]);
    for (const id of members) {
      expect(await reads.untold(id, 10)).toEqual([{ key: thread_id, mark: expect.any(String), record: null }]);
      await toldAll(reads, id);
      expect(await reads.get(thread_id, id)).toBeNull();
    }
  });

  test('the newest notifications are counted to the one that is asked for', async () => {
    const { notifications } = store();
    const member_id = anId();
    const some = [0, 1, 2].map((at) => aNotification({ member_id, created_at: at + 1 }));
    await notifications.insert(some);
    expect(await notifications.newest(member_id, 1)).toBe(some[2]!.id);
    expect(await notifications.newest(member_id, 3)).toBe(some[0]!.id);
    expect(await notifications.newest(member_id, 4)).toBeNull();
    await notifications.remove([some[1]!.id]);
    expect(await notifications.newest(member_id, 2)).toBe(some[0]!.id);
    expect(await notifications.newest(member_id, 3)).toBeNull();
  });

  test('sessions are untold when they begin and when they are ended, not when they are used', async () => {
    const { sessions } = store();
    const member_id = anId();
    const some = [0, 1, 2].map(() => aSession({ member_id }));
    for (const one of some) await sessions.insert(one);
    expect([...(await marksOf(sessions, member_id)).values()].map(({ record }) => record)).toEqual(expect.arrayContaining(some));
    await toldAll(sessions, member_id);
    await sessions.insert(some[0]!);
    await sessions.touch(some[0]!.id, some[0]!.last_used_at + 1, some[0]!.expires_at + 1);
    expect(await sessions.untold(member_id, 1)).toEqual([]);
    expect(await sessions.end(some[1]!.id, 5)).toBe(true);
    expect(await sessions.end(some[1]!.id, 6)).toBe(false);
    expect(await sessions.untold(member_id, 5)).toEqual([
      { key: some[1]!.id, mark: expect.any(String), record: { ...some[1]!, ended_at: 5 } },
    ]);
    await toldAll(sessions, member_id);
    await sessions.endByMember(member_id, 7, some[0]!.id);
    expect([...(await marksOf(sessions, member_id)).keys()]).toEqual([some[2]!.id]);
    expect((await sessions.byIds(some.map(({ id }) => id))).map(({ id }) => id).sort()).toEqual(some.map(({ id }) => id).sort());
    expect(await sessions.byIds([anId()])).toEqual([]);
    expect(await sessions.byIds([])).toEqual([]);
  });

  test('members with untold records are found, page by page, each once; not those of a moment ago', async () => {
    const { memberships } = store();
    const members = [anId(), anId(), anId()].sort();
    for (const member_id of members) for (let i = 0; i < 3; i++) await memberships.put(aMembership({ member_id }));
    expect(await memberships.untold(members[0]!, 2)).toHaveLength(2);
    const before = members[0]!;
    expect((await memberships.untoldMembers(later(), undefined, 1_000))!.filter((id) => members.includes(id))).toEqual(members);
    expect((await memberships.untoldMembers(later(), before, 1_000))!.filter((id) => members.includes(id))).toEqual(members.slice(1));
    expect((await memberships.untoldMembers(later(), before, 4))!.filter((id) => members.includes(id))).toEqual(members.slice(1));
    expect((await memberships.untoldMembers(Date.now() - 60_000, undefined, 1_000)) ?? []).not.toEqual(expect.arrayContaining(members));
    expect(await memberships.untoldMembers(later(), 'f'.repeat(24), 10)).toBeNull();
    for (const id of members) await toldAll(memberships, id);
    expect((await memberships.untoldMembers(later(), undefined, 1_000)) ?? []).not.toEqual(expect.arrayContaining([before]));
  });

  test('a community is marked with its next owner and with its end', async () => {
    const { communities } = store();
    const community = aCommunity();
    const { id, owner_id } = community;
    await communities.insert(community);
    const isFound = async () => (await communities.untold(later(), 1_000)).some((one) => one.id === id);
    expect((await communities.byId(id))!.untold).toBeUndefined();
    await communities.update(id, { name: 'Another' });
    expect(await isFound()).toBe(false);
    await communities.apply(id, 2, projectionOf({ ...community, name: 'Another' }));
    expect(await isFound()).toBe(false);
    const given = { ...community, name: 'Another', owner_id: anId(), handed_over_by: owner_id };
    await communities.apply(id, 3, projectionOf(given), { owner_before: owner_id });
    const { untold } = (await communities.byId(id))!;
    expect(await communities.byId(id)).toEqual({ ...given, ledger_rev: 3, owner_before: owner_id, untold: expect.any(String) });
    // Again, late, or of what memberships do not show: the mark stays the one it was.
    for (const rev of [3, 2]) await communities.apply(id, rev, projectionOf(community), { owner_before: anId() });
    await communities.apply(id, 4, projectionOf({ ...given, name: 'A third' }));
    expect(await communities.byId(id)).toMatchObject({ owner_id: given.owner_id, owner_before: owner_id, untold });
    expect(await isFound()).toBe(true);
    expect((await communities.untold(Date.now() - 60_000, 1_000)).some((one) => one.id === id)).toBe(false);
    await communities.apply(id, 5, projectionOf({ ...given, deleted_at: 5 }), {});
    await communities.told(id, untold!);
    expect(await communities.byId(id)).toMatchObject({ owner_before: owner_id, deleted_at: 5 });
    expect(await isFound()).toBe(true);
    await communities.told(id, (await communities.byId(id))!.untold!);
    expect(await isFound()).toBe(false);
    expect((await communities.byId(id))!.untold).toBeUndefined();
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultRoles } from '../../../src/authority/roles.js';
import type { CommunityRecord, MembershipRecord } from '../../../src/store/contracts.js';
import { backends, type OpenStore } from './backends.js';
import { aCommunity, aMembership, anId, aThread, walk } from './records.js';

const [a, b] = [anId(), anId()];

const idsOf = (records: readonly { id: string }[]): string[] => records.map(({ id }) => id);

describe.each(backends)('communities in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const communities = () => opened.store.communities;
  const insert = async (fields: Partial<CommunityRecord>) => {
    const community = aCommunity(fields);
    await communities().insert(community);
    return community;
  };

  test('a conversation is in no list, whoever asks', async () => {
    const [talk, place] = [await insert({ kind: 'group', is_public: false }), await insert({ is_public: false })];
    const ids = [talk.id, place.id];
    expect(idsOf(await communities().list({ visible: ids, only: ids }, { limit: 9 }))).toEqual([place.id]);
    expect(await communities().byId(talk.id)).toEqual(talk);
  });

  const stateOf = ({ id: _, kind: __, created_by: ___, created_at, member_count, ledger_rev, ...state }: CommunityRecord) => state;

  test('a later state is written over an earlier one, never the other way, and what is no part of it stays', async () => {
    const community = await insert({ description: 'd', avatar_url: 'https://example.org/x', tags: ['a'], ledger_rev: 3 });
    const { id } = community;
    const roles = defaultRoles(id);
    const next = { ...stateOf(community), owner_id: anId(), handed_over_by: community.owner_id, name: 'Thé', tags: ['Ops'], roles };
    for (const rev of [1, 3]) await communities().apply(id, rev, next);
    expect(await communities().byId(id)).toEqual(community);
    await communities().update(id, { member_count: 9 });
    await communities().apply(id, 5, next);
    const after = { ...community, ...next, member_count: 9, ledger_rev: 5 };
    expect(await communities().byId(id)).toEqual(after);
    // The same again, one that comes late, and one that is not there.
    for (const rev of [5, 4]) await communities().apply(id, rev, { ...next, name: 'late' });
    await communities().apply(anId(), 9, next);
    expect(await communities().byId(id)).toEqual(after);
    // Found by its new name and tag, without the roles, which stay where none are given.
    const [listed] = await communities().list({ visible: [], only: [id], q: 'the', tag: 'ops' }, { limit: 1 });
    expect(listed).toMatchObject({ id });
    expect(listed).not.toHaveProperty('roles');
    const last = { ...next, description: null, avatar_url: null, handed_over_by: null, deleted_at: 7 };
    await communities().apply(id, 6, { ...last, roles: undefined });
    expect(await communities().byId(id)).toEqual({ ...after, ...last, ledger_rev: 6 });
  });

  test('of many states that are written at once the latest stays', async () => {
    const community = await insert({});
    const revs = [2, 7, 3, 9, 4, 8, 5, 6];
    await Promise.all(revs.map((rev) => communities().apply(community.id, rev, { ...stateOf(community), name: `n ${rev}` })));
    expect(await communities().byId(community.id)).toEqual({ ...community, name: 'n 9', ledger_rev: 9 });
  });

  test('comes back as inserted, is changed by patches, keeps the first under an id', async () => {
    const community = await insert({ description: 'd', tags: ['a', 'b'], avatar_url: 'https://example.org/x' });
    await communities().insert({ ...community, name: 'other' });
    expect(await communities().byId(community.id)).toEqual(community);
    expect(await communities().byId(anId())).toBeNull();
    const changed = await communities().update(community.id, {
      name: 'New',
      description: null,
      member_count: 4,
      updated_at: 9,
      tags: ['c'],
    });
    expect(changed).toEqual({ ...community, name: 'New', description: null, member_count: 4, updated_at: 9, tags: ['c'] });
    expect(await communities().update(community.id, { deleted_at: 5 })).toMatchObject({ deleted_at: 5 });
    expect(await communities().byIds([community.id, anId()])).toEqual([{ ...changed, deleted_at: 5, untold: expect.any(String) }]);
    expect(await communities().update(community.id, { deleted_at: null })).toMatchObject({ deleted_at: null });
    expect(await communities().update(anId(), { name: 'x' })).toBeNull();
  });

  test('the listing: visible ones by name without regard to case, in pages', async () => {
    const tag = 'listing';
    const made: CommunityRecord[] = [];
    for (const name of ['b', 'A', 'c', 'B', 'a', 'C', 'd']) made.push(await insert({ name, tags: [tag] }));
    const hidden = await insert({ name: 'aa', tags: [tag], is_public: false });
    const mine = await insert({ name: 'bb', tags: [tag], is_public: false });
    await insert({ name: 'ab', tags: [tag], deleted_at: 1 });
    const filter = { visible: [mine.id], tag };
    const expected = [...made, mine].sort((a, b) =>
      a.name.toLowerCase() < b.name.toLowerCase() ? -1 : a.name.toLowerCase() > b.name.toLowerCase() ? 1 : a.id < b.id ? -1 : 1,
    );
    for (const limit of [1, 2, 3, 100]) {
      const walked = await walk(
        (slice: { after?: { name: string; id: string }; limit: number }) => communities().list(filter, slice),
        ({ name, id }) => ({ name, id }),
        limit,
      );
      expect(idsOf(walked)).toEqual(idsOf(expected));
    }
    expect(idsOf(await communities().list({ visible: [mine.id], only: [mine.id, hidden.id] }, { limit: 10 }))).toEqual([mine.id]);
    expect(await communities().list({ visible: [], only: [] }, { limit: 10 })).toEqual([]);
  });

  test('q and tag are compared folded', async () => {
    const [cafe, kyoto] = [await insert({ name: 'Café Open-Source', tags: ['Dév', 'Straße'] }), await insert({ name: '京都の人' })];
    const found = async (filter: { q?: string; tag?: string }) =>
      idsOf(await communities().list({ visible: [], ...filter }, { limit: 10 }));
    for (const q of ['cafe', 'CAFÉ', 'afe o', 'opensource', 'open source', 'n-s']) expect([q, await found({ q })]).toEqual([q, [cafe.id]]);
    for (const q of ['都の', '京都', '都ノ']) expect([q, await found({ q })]).toEqual([q, [kyoto.id]]);
    for (const tag of ['Dév', 'dev', ' DEV ', 'strasse']) expect([tag, await found({ tag })]).toEqual([tag, [cafe.id]]);
    expect(await found({ tag: 'de' })).toEqual([]);
    expect(await found({ q: '\u0640' })).toEqual([]);
    await communities().update(cafe.id, { name: 'Thé', tags: ['Ops'] });
    expect([await found({ q: 'cafe' }), await found({ tag: 'dev' })]).toEqual([[], []]);
    expect([await found({ q: 'the' }), await found({ tag: 'ops', q: 'thé' })].map((ids) => ids.includes(cafe.id))).toEqual([true, true]);
    expect(await communities().byId(cafe.id)).toMatchObject({ name: 'Thé', tags: ['Ops'] });
  });

  test('q is looked for in the name, as it stands', async () => {
    const one = await insert({ name: 'Is there code (for X)?' });
    for (const q of ['CODE', '(for x)?', 'is there'])
      expect(idsOf(await communities().list({ visible: [], q }, { limit: 10 }))).toEqual([one.id]);
    for (const q of ['c.de', '^is', 'x)$']) expect(await communities().list({ visible: [], q }, { limit: 10 })).toEqual([]);
  });
});

describe.each(backends)('memberships in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const memberships = () => opened.store.memberships;

  test('one record for one community and member, written whole', async () => {
    const record = aMembership({ muted_until: 99 });
    expect(await memberships().put(record)).toBe(true);
    expect(await memberships().get(record.community_id, record.member_id)).toEqual(record);
    const banned = { ...record, state: 'banned' as const, roles: [b], muted_until: null, version: 2 };
    expect(await memberships().put(banned)).toBe(true);
    expect(await memberships().get(record.community_id, record.member_id)).toEqual(banned);
    expect(await memberships().get(anId(), record.member_id)).toBeNull();
    expect(await memberships().countActive(record.community_id)).toBe(0);
  });

  test('a write stands upon the version before its own, or is not written', async () => {
    const record = aMembership();
    const { community_id, member_id } = record;
    expect(await memberships().put({ ...record, version: 2 })).toBe(false);
    expect(await memberships().get(community_id, member_id)).toBeNull();
    expect(await memberships().put(record)).toBe(true);
    expect(await memberships().put({ ...record, state: 'left' })).toBe(false);
    expect(await memberships().put({ ...record, state: 'left', version: 3 })).toBe(false);
    expect(await memberships().get(community_id, member_id)).toEqual(record);
    const banned = { ...record, state: 'banned' as const, version: 2 };
    expect(await memberships().put(banned)).toBe(true);
    // The same again, as after an answer that was lost: it is there, and nothing is written.
    expect(await memberships().put(banned)).toBe(false);
    expect(await memberships().get(community_id, member_id)).toEqual(banned);
  });

  test('many that are asked for at once get their own each', async () => {
    const [one, other] = [anId(), anId()];
    const records = Array.from({ length: 12 }, (_, i) => aMembership({ community_id: i % 2 === 0 ? one : other, joined_at: 1_000 + i }));
    await memberships().putMissing(records);
    const asked = records.flatMap(({ member_id }) => [memberships().get(one, member_id), memberships().get(other, member_id)]);
    const found = await Promise.all(asked);
    expect(found.filter((record, i) => (i % 2 === 0 ? record : false))).toEqual(records.filter((r) => r.community_id === one));
    expect(found.filter((record, i) => (i % 2 === 1 ? record : false))).toEqual(records.filter((r) => r.community_id === other));
  });

  test('of many writers at once one wins', async () => {
    const record = aMembership();
    for (const version of [1, 2, 3]) {
      const won = await Promise.all(Array.from({ length: 8 }, (_, at) => memberships().put({ ...record, joined_at: at, version })));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect((await memberships().get(record.community_id, record.member_id))?.joined_at).toBe(won.indexOf(true));
    }
  });

  test('missing ones are put, what is there stays, also when two do it at once', async () => {
    const community_id = anId();
    const kept = aMembership({ community_id, roles: [a] });
    await memberships().put(kept);
    const others = Array.from({ length: 30 }, () => aMembership({ community_id }));
    const all = [...others, { ...kept, roles: [] }];
    await Promise.all([memberships().putMissing(all), memberships().putMissing(all)]);
    expect(await memberships().countActive(community_id)).toBe(31);
    expect(await memberships().listHolders(community_id, a, 10)).toEqual([kept]);
    await memberships().putMissing([]);
  });

  test('holders of a role come by the time of their joining, as many as are asked for', async () => {
    const community_id = anId();
    const ofRole = (joined_at: number, fields: Partial<MembershipRecord> = {}) =>
      aMembership({ community_id, roles: [b, a], joined_at, ...fields });
    const [third, first, second] = [ofRole(3_000), ofRole(1_000), ofRole(2_000)];
    const others = [ofRole(1, { roles: [b] }), ofRole(2, { state: 'left' }), ofRole(3, { state: 'banned' })];
    for (const record of [third, first, second, ...others, aMembership({ roles: [a] })]) await memberships().put(record);
    expect(await memberships().listHolders(community_id, a, 10)).toEqual([first, second, third]);
    expect(await memberships().listHolders(community_id, a, 2)).toEqual([first, second]);
    expect(await memberships().listHolders(anId(), a, 10)).toEqual([]);
  });

  test('a closed one belongs, and counts for nothing', async () => {
    const [community_id, member_id] = [anId(), anId()];
    const closed = aMembership({ community_id, member_id, state: 'closed', roles: [a] });
    const active = aMembership({ member_id });
    for (const record of [closed, active, aMembership({ member_id, state: 'left' }), aMembership({ member_id, state: 'banned' })])
      await memberships().put(record);
    const belonging = await memberships().listBelonging(member_id);
    expect(belonging.sort((a, b) => a.state.localeCompare(b.state))).toEqual([active, closed]);
    expect(await memberships().listByMember(member_id)).toEqual([active]);
    expect(await memberships().listByCommunity(community_id, { limit: 10 })).toEqual([]);
    expect(await memberships().listHolders(community_id, a, 10)).toEqual([]);
    expect(await memberships().countActive(community_id)).toBe(0);
    expect(await memberships().get(community_id, member_id)).toEqual(closed);
  });

  test('keep when all was marked as read, and lose it with a record that does not say so', async () => {
    const first = aMembership();
    const marked = { ...first, version: 2, read_at: first.joined_at + 5 };
    await memberships().put(first);
    expect(await memberships().get(first.community_id, first.member_id)).toEqual(first);
    await memberships().put(marked);
    expect(await memberships().get(first.community_id, first.member_id)).toEqual(marked);
    expect(await memberships().listByMember(first.member_id)).toEqual([marked]);
    await memberships().put({ ...first, version: 3 });
    expect(await memberships().get(first.community_id, first.member_id)).toEqual({ ...first, version: 3 });
  });

  test('those of a deleted community go, and no others', async () => {
    const [community_id, member_id] = [anId(), anId()];
    const kept = aMembership({ member_id });
    const gone = [aMembership({ community_id, member_id }), aMembership({ community_id, state: 'banned' })];
    for (const record of [kept, ...gone]) await memberships().put(record);
    for (let i = 0; i < 2; i++) await memberships().removeByCommunity(community_id);
    expect(await memberships().listByMember(member_id)).toEqual([kept]);
    for (const record of gone) expect(await memberships().get(community_id, record.member_id)).toBeNull();
  });

  test('listings hold the active ones', async () => {
    const community_id = anId();
    const records = Array.from({ length: 12 }, (_, at) =>
      aMembership({ community_id, joined_at: 1_000 + Math.floor(at / 3), state: at === 5 ? 'left' : at === 7 ? 'banned' : 'active' }),
    );
    for (const record of records) await memberships().put(record);
    const expected = records
      .filter((record) => record.state === 'active')
      .sort((a, b) => a.joined_at - b.joined_at || (a.member_id < b.member_id ? -1 : 1));
    const walked = await walk(
      (slice: { after?: { joined_at: number; member_id: string }; limit: number }) => memberships().listByCommunity(community_id, slice),
      ({ joined_at, member_id }) => ({ joined_at, member_id }),
      3,
    );
    expect(walked).toEqual(expected);
    expect(await memberships().countActive(community_id)).toBe(10);
    const elsewhere = aMembership({ member_id: records[0]!.member_id });
    await memberships().put(elsewhere);
    await memberships().put(aMembership({ member_id: records[0]!.member_id, state: 'left' }));
    const mine = await memberships().listByMember(records[0]!.member_id);
    expect(mine.map((record) => record.community_id).sort()).toEqual([community_id, elsewhere.community_id].sort());
    expect(await memberships().listByMember(records[5]!.member_id)).toEqual([]);
  });
});

describe.each(backends)('threads in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const threads = () => opened.store.threads;

  test('comes back as inserted, is changed by patches, keeps the first under an id', async () => {
    const thread = aThread({ content: 'c', tags: ['x'], is_pinned: true, floor_seq: 3, floor_rev: 4 });
    await threads().insert(thread);
    await threads().insert({ ...thread, title: 'other' });
    expect(await threads().byId(thread.id)).toEqual(thread);
    expect(await threads().byId(anId())).toBeNull();
    const changed = await threads().update(thread.id, { title: 'T', content: null, is_pinned: false, last_activity: 7, deleted_at: 8 });
    expect(changed).toEqual({ ...thread, title: 'T', content: null, is_pinned: false, last_activity: 7, deleted_at: 8 });
    expect(await threads().byIds([anId(), thread.id])).toEqual([changed]);
    expect(await threads().update(anId(), { title: 'x' })).toBeNull();
  });

  test('keeps whom its text mentions, and nothing of it when that is nobody', async () => {
    const [ada, ben] = [anId(), anId()];
    const thread = aThread({ mentions: [ada, ben], mention_names: ['ada', 'ben.'] });
    await threads().insert(thread);
    await threads().insert(aThread());
    expect(await threads().byId(thread.id)).toEqual(thread);
    expect(await threads().update(thread.id, { title: 'T' })).toMatchObject({ mentions: [ada, ben], mention_names: ['ada', 'ben.'] });
    const fewer = await threads().update(thread.id, { mentions: [ben], mention_names: ['ben.'] });
    expect(fewer).toEqual({ ...thread, title: 'T', mentions: [ben], mention_names: ['ben.'] });
    const none = (await threads().update(thread.id, { content: null, mentions: [], mention_names: [] }))!;
    for (const record of [none, (await threads().byId(thread.id))!]) {
      expect(record).not.toHaveProperty('mentions');
      expect(record).not.toHaveProperty('mention_names');
    }
    const silent = aThread({ mentions: [], mention_names: [] });
    await threads().insert(silent);
    expect(await threads().byId(silent.id)).not.toHaveProperty('mentions');
  });

  test('many at once, what is there stays', async () => {
    const [there, fresh] = [aThread(), aThread()];
    await threads().insert(there);
    await threads().putMissing([{ ...there, title: 'other' }, fresh]);
    expect(await threads().byId(there.id)).toEqual(there);
    expect(await threads().byId(fresh.id)).toEqual(fresh);
  });

  test('of two heads the one with the higher rev wins as a whole', async () => {
    const thread = aThread({ last_activity: 100 });
    await threads().insert(thread);
    await threads().setHeads([
      { id: thread.id, last_seq: 5, head_rev: 8, message_count: 4, last_activity: 200 },
      { id: anId(), last_seq: 1, head_rev: 1, message_count: 1, last_activity: 1 },
    ]);
    expect(await threads().byId(thread.id)).toMatchObject({ last_seq: 5, head_rev: 8, message_count: 4, last_activity: 200 });
    await threads().setHeads([{ id: thread.id, last_seq: 4, head_rev: 6, message_count: 9, last_activity: 150 }]);
    expect(await threads().byId(thread.id)).toMatchObject({ last_seq: 5, head_rev: 8, message_count: 4, last_activity: 200 });
    await threads().setHeads([{ id: thread.id, last_seq: 5, head_rev: 9, message_count: 3, last_activity: 150 }]);
    expect(await threads().byId(thread.id)).toMatchObject({ last_seq: 5, head_rev: 9, message_count: 3, last_activity: 150 });
    await threads().setHeads([{ id: thread.id, last_seq: 5, head_rev: 9, message_count: 3, last_activity: 120 }]);
    expect(await threads().byId(thread.id)).toMatchObject({ last_seq: 5, head_rev: 9, message_count: 3, last_activity: 120 });
    await threads().setHeads([]);
  });

  test('the listing: pinned first, then the latest, in pages', async () => {
    const community_id = anId();
    const records = Array.from({ length: 20 }, (_, at) =>
      aThread({ community_id, last_activity: 1_000 + Math.floor(at / 3), is_pinned: at % 6 === 0, deleted_at: at === 4 ? 1 : null }),
    );
    for (const record of records) await threads().insert(record);
    await threads().insert(aThread());
    const expected = records
      .filter((thread) => thread.deleted_at === null)
      .sort((a, b) => Number(b.is_pinned) - Number(a.is_pinned) || b.last_activity - a.last_activity || (a.id < b.id ? -1 : 1));
    for (const limit of [1, 3, 4, 50]) {
      const walked = await walk(
        (slice: { after?: { is_pinned: boolean; last_activity: number; id: string }; limit: number }) =>
          threads().listByCommunity(community_id, slice, 'everybody'),
        ({ is_pinned, last_activity, id }) => ({ is_pinned, last_activity, id }),
        limit,
      );
      expect(idsOf(walked)).toEqual(idsOf(expected));
    }
    expect(await threads().deleteByCommunity(community_id, 55)).toBe(19);
    expect(await threads().deleteByCommunity(community_id, 66)).toBe(0);
    expect(await threads().listByCommunity(community_id, { limit: 5 }, 'everybody')).toEqual([]);
    expect(await threads().byId(records[0]!.id)).toMatchObject({ deleted_at: 55 });
    expect(await threads().byId(records[4]!.id)).toMatchObject({ deleted_at: 1 });
  });
});

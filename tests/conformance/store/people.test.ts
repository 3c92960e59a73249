import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MemberRecord } from '../../../src/store/contracts.js';
import { backends, type OpenStore } from './backends.js';
import { aMember, anId, aSession, walk } from './records.js';

const closing = { at: 1, reopen_until: null };
const taken = (...paths: string[]) => ({ code: 'conflict', errors: paths.map((path) => expect.objectContaining({ path })) });

describe.each(backends)('members in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const members = () => opened.store.members;

  test('a member comes back as inserted, and the same id again keeps the first', async () => {
    const full = aMember({
      username: 'Ada.Lovelace',
      email: 'Ada@Example.org',
      password_hash: 'h',
      full_name: 'Ada King',
      avatar_url: 'https://example.org/a.png',
      bio: 'Enchantress',
      presence: { state: 'dnd', text: 'busy', last_active_at: 5, fresh_until: 6 },
    });
    const bare = aMember();
    await members().insert(full);
    await members().insert(bare);
    await members().insert({ ...full, bio: 'other' });
    expect(await members().byId(full.id)).toEqual(full);
    expect(await members().byId(bare.id)).toEqual(bare);
    expect(await members().byId(anId())).toBeNull();
    expect((await members().byIds([bare.id, anId(), full.id])).map((member) => member.id).sort()).toEqual([bare.id, full.id].sort());
  });

  test('many at once: the new ones are named, who is there or has a taken name is passed over', async () => {
    const [there, fresh] = [aMember(), aMember()];
    await members().insert(there);
    const sameName = aMember({ username: there.username.toUpperCase() });
    const sameEmail = aMember({ email: there.email.toUpperCase() });
    expect(await members().putMissing([{ ...there, bio: 'other' }, fresh, sameName, sameEmail])).toEqual([fresh.id, sameEmail.id]);
    expect(await members().byId(there.id)).toEqual(there);
    expect(await members().byId(fresh.id)).toEqual(fresh);
    expect(await members().byId(sameName.id)).toBeNull();
    expect(await members().putMissing([])).toEqual([]);
  });

  test('usernames are unique and found without regard to case', async () => {
    const member = aMember({ username: 'Grace', email: 'Grace@Example.org' });
    await members().insert(member);
    await expect(members().insert(aMember({ username: 'gRACE' }))).rejects.toMatchObject(taken('username'));
    await expect(members().insert(aMember({ username: 'grace', email: 'grace@example.org' }))).rejects.toMatchObject(taken('username'));
    expect(await members().byUsername('GRACE')).toEqual(member);
    expect(await members().byLogin('grace')).toEqual(member);
    expect(await members().byLogin('nobody')).toBeNull();
    const other = aMember({ username: 'hopper' });
    await members().insert(other);
    await expect(members().update(other.id, { username: 'GRACE' })).rejects.toMatchObject(taken('username'));
    expect((await members().byId(other.id))?.username).toBe('hopper');
  });

  test('of two that take a name at once one gets it', async () => {
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => members().insert(aMember({ username: 'contested' }))));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  test('an update changes what is named, clears with null, and moves the name', async () => {
    const member = aMember({ username: 'mover', full_name: 'Old Name', bio: 'b' });
    await members().insert(member);
    const changed = await members().update(member.id, { username: 'Moved', bio: null, full_name: 'New Name' });
    expect(changed).toEqual({ ...member, username: 'Moved', bio: null, full_name: 'New Name' });
    expect(await members().byUsername('mover')).toBeNull();
    expect((await members().byUsername('moved'))?.id).toBe(member.id);
    expect(await members().update(member.id, { username: 'MOVED' })).toMatchObject({ username: 'MOVED' });
    expect(await members().update(member.id, {})).toMatchObject({ username: 'MOVED' });
    expect((await members().list({ q: 'new' }, { limit: 10 })).map(({ id }) => id)).toEqual([member.id]);
    expect(await members().list({ q: 'old' }, { limit: 10 })).toEqual([]);
    expect(await members().update(anId(), { bio: 'x' })).toBeNull();
  });

  test('ids by usernames, of active ones alone', async () => {
    const [here, gone] = [aMember({ username: 'Here' }), aMember({ username: 'gone' })];
    await members().insert(here);
    await members().insert(gone);
    expect(await members().deactivate(gone.id, closing)).toBe(true);
    expect(await members().deactivate(anId(), closing)).toBe(false);
    expect(await members().idsByUsernames(['HERE', 'gone', 'never'])).toEqual(new Map([['here', here.id]]));
    expect(await members().idsByUsernames([])).toEqual(new Map());
    // Of many names, and of whoever has a name now.
    const crowd = Array.from({ length: 150 }, (_, i) => aMember({ username: `crowd${i}` }));
    await members().putMissing(crowd);
    const names = crowd.map(({ username }) => username);
    expect(await members().idsByUsernames([...names, 'never'])).toEqual(new Map(crowd.map(({ username, id }) => [username, id])));
    const asked = await Promise.all(names.map((name) => members().idsByUsernames([name, 'here'])));
    expect(asked.map((found) => [...found.values()].sort())).toEqual(crowd.map(({ id }) => [here.id, id].sort()));
    await members().update(here.id, { username: 'moved-on' });
    await members().update(crowd[0]!.id, { username: 'here' });
    expect(await members().idsByUsernames(['here', 'moved-on'])).toEqual(
      new Map([
        ['here', crowd[0]!.id],
        ['moved-on', here.id],
      ]),
    );
    expect((await members().byId(gone.id))?.is_active).toBe(false);
  });

  test('an account that is closed or reopened is marked in the same write, until its communities know', async () => {
    const [one, two] = [aMember(), aMember()];
    for (const member of [one, two]) await members().insert(member);
    const mine = async (before: number) =>
      (await members().accountChanges(before, 1_000)).filter(({ id }) => id === one.id || id === two.id);
    expect(await members().accountChange(one.id)).toBeNull();
    expect(await members().deactivate(one.id, { at: 2_000, reopen_until: 1_000_000 })).toBe(true);
    expect(await members().deactivate(two.id, { at: 1_000, reopen_until: 1_000_000 })).toBe(true);
    // Closed already: the mark keeps its time.
    expect(await members().deactivate(one.id, { at: 9_000, reopen_until: 1_000_000 })).toBe(true);
    const closed = { id: one.id, is_active: false, at: 2_000 };
    expect(await members().accountChange(one.id)).toEqual(closed);
    expect(await mine(2_001)).toEqual([{ id: two.id, is_active: false, at: 1_000 }, closed]);
    expect(await mine(2_000)).toHaveLength(1);
    expect(await members().accountChanges(2_001, 1)).toHaveLength(1);

    expect(await members().reopen(one.id, 3_000)).toBe(true);
    expect((await members().byId(one.id))?.is_active).toBe(true);
    // What was told is not the latest.
    await members().accountChangeTold(closed);
    const reopened = { id: one.id, is_active: true, at: 3_000 };
    expect(await members().accountChange(one.id)).toEqual(reopened);
    await members().accountChangeTold(reopened);
    expect(await members().accountChange(one.id)).toBeNull();
    expect(await members().reopen(one.id, 4_000)).toBe(false);
    expect(await members().accountChange(one.id)).toBeNull();
    for (const change of [members().reopen(anId(), 1), members().deactivate(anId(), closing)]) expect(await change).toBe(false);
    expect(await members().byId(one.id)).toEqual({ ...one, signed_out: { at: 9_000, except: null } });
  });

  test('the listing is by username without regard to case, in pages; q is a prefix of a name', async () => {
    const prefix = 'zz';
    const names = ['zzc', 'ZZa', 'zzB', 'zzd', 'ZZe'];
    for (const username of names) await members().insert(aMember({ username }));
    const quiet = aMember({ username: 'zzquiet' });
    await members().insert(quiet);
    await members().deactivate(quiet.id, closing);
    const walked = await walk(
      (slice: { after?: string; limit: number }) => members().list({ q: prefix }, slice),
      (member) => member.username,
      2,
    );
    expect(walked.map((member) => member.username)).toEqual(['ZZa', 'zzB', 'zzc', 'zzd', 'ZZe']);
    await members().insert(aMember({ username: 'kurt', full_name: 'Kurt Friedrich Gödel' }));
    for (const q of ['KUR', 'göd', 'friedrich g', 'Gödel']) {
      expect((await members().list({ q }, { limit: 10 })).map((member) => member.username)).toEqual(['kurt']);
    }
    for (const q of ['ödel', 'riedrich', 'kurt.*', '$']) expect(await members().list({ q }, { limit: 10 })).toEqual([]);
    expect((await members().list({}, { limit: 3 })).length).toBe(3);
  });

  test('by any part of any name, folded, also after a change of one of the names', async () => {
    const people = {
      jose: aMember({ username: 'pepe-garcia', full_name: 'José Núñez' }),
      anne: aMember({ username: 'am', full_name: 'Anne-Marie' }),
      taro: aMember({ username: 'yt', full_name: '山田太郎' }),
      ali: aMember({ username: 'ali.of_tehran', full_name: 'علی می\u200cخواهم' }),
    };
    await members().putMissing(Object.values(people));
    const found = async (q: string) => (await members().list({ q }, { limit: 10 })).map(({ id }) => id);
    const by: [q: string, who: { id: string }][] = [
      ...['jose', 'JOSÉ', 'José'.normalize('NFD'), 'nunez', 'garcia', 'pepe-g', 'pepegarcia'].map((q): [string, { id: string }] => [
        q,
        people.jose,
      ]),
      ...['Anne-Marie', 'anne marie', 'marie', 'annemarie', 'anne-'].map((q): [string, { id: string }] => [q, people.anne]),
      ...['太郎', '山田', '田太'].map((q): [string, { id: string }] => [q, people.taro]),
      ...['tehran', 'of_teh', 'علي', 'میخواهم', 'ﻣﯽ\u200cﺧﻮﺍﻫﻢ'].map((q): [string, { id: string }] => [q, people.ali]),
    ];
    for (const [q, who] of by) expect([q, await found(q)]).toEqual([q, [who.id]]);
    for (const q of ['osé', 'arie', '太山', 'ehran', '-', '\u0640']) expect([q, await found(q)]).toEqual([q, []]);

    await members().update(people.jose.id, { username: 'pepe-lopez' });
    expect([await found('garcia'), await found('lopez'), await found('nunez')]).toEqual([[], [people.jose.id], [people.jose.id]]);
    await members().update(people.jose.id, { full_name: null });
    expect([await found('nunez'), await found('lopez')]).toEqual([[], [people.jose.id]]);
  });

  test('who is found by username and who by name are one list, few or many of them', async () => {
    const of = (n: number) => String(n).padStart(4, '0');
    const people = Array.from({ length: 610 }, (_, n) =>
      aMember({ username: n % 2 ? `quux${of(n)}` : `p${of(n)}quux`, full_name: n < 590 ? `Xanthe Quuxley ${of(n)}` : 'Xaver' }),
    );
    await members().putMissing(people);
    const walkedBy = async (q: string) => {
      const found = await walk(
        (slice: { after?: string; limit: number }) => members().list({ q }, slice),
        (member) => member.username,
        97,
      );
      return found.map((member) => member.username);
    };
    const expected = (holds: (n: number) => boolean) =>
      people
        .map((member, n) => ({ username: member.username, n }))
        .filter(({ n }) => holds(n))
        .map(({ username }) => username)
        .sort();
    expect(await walkedBy('quux')).toEqual(expected((n) => n < 590 || n % 2 === 1));
    expect(await walkedBy('xav')).toEqual(expected((n) => n >= 590));
    expect(await walkedBy('quuxley 000')).toEqual(expected((n) => n < 10));
    expect(await walkedBy('quux05')).toEqual(expected((n) => n % 2 === 1 && n >= 500 && n < 600));
    await members().deactivate(people[595]!.id, closing);
    expect(await walkedBy('xav')).toEqual(expected((n) => n >= 590 && n !== 595));
  });

  test('presence of many at once; the unknown are passed over', async () => {
    const [one, two] = [aMember(), aMember()];
    await members().insert(one);
    await members().insert(two);
    const presence: MemberRecord['presence'] = { state: 'online', text: 'hi', last_active_at: 10, fresh_until: 20 };
    await members().setPresence([
      { id: one.id, presence },
      { id: anId(), presence },
    ]);
    expect((await members().byId(one.id))?.presence).toEqual(presence);
    await members().setPresence([{ id: one.id, presence: { ...presence, text: null, last_active_at: null } }]);
    expect((await members().byId(one.id))?.presence).toEqual({ ...presence, text: null, last_active_at: null });
    expect((await members().byId(two.id))?.presence.state).toBe('offline');
    await members().setPresence([]);
  });
});

describe.each(backends)('accounts in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const members = () => opened.store.members;

  test('an e-mail may be that of many; its first holder signs in by it, without regard to case', async () => {
    const [first, second] = [aMember({ email: 'Shared@Example.org' }), aMember({ email: 'shared@example.ORG' })];
    for (const member of [first, second]) await members().insert(member);
    expect(await members().byLogin('shared@example.org')).toBeNull();
    await members().holdEmail(first.id);
    await members().holdEmail(second.id);
    await members().holdEmail(anId());
    expect(await members().byLogin('SHARED@example.org')).toEqual(first);
    expect(await members().byId(second.id)).toEqual(second);

    // Who keeps it, in other letters, holds it; who cannot have it keeps it unheld.
    expect(await members().setEmail(first.id, 'SHARED@example.org')).toEqual({ ...first, email: 'SHARED@example.org' });
    expect(await members().setEmail(second.id, 'shared@example.org')).toEqual({ ...second, email: 'shared@example.org' });
    await members().holdEmail(second.id);
    expect((await members().byLogin('shared@example.org'))?.id).toBe(first.id);

    // Who changes away gives it up; the next who asks for it holds it.
    const moved = `${anId()}@example.org`;
    expect((await members().setEmail(first.id, moved))?.email).toBe(moved);
    expect(await members().byLogin('shared@example.org')).toBeNull();
    expect(await members().byLogin(moved)).toBeNull();
    await members().holdEmail(first.id);
    await members().holdEmail(second.id);
    expect((await members().byLogin(moved))?.id).toBe(first.id);
    expect((await members().byLogin('shared@example.org'))?.id).toBe(second.id);
    await members().setEmail(first.id, 'shared@example.org');
    await members().holdEmail(first.id);
    expect((await members().byLogin('shared@example.org'))?.id).toBe(second.id);
    expect(await members().byLogin(moved)).toBeNull();
    expect(await members().setEmail(anId(), moved)).toBeNull();

    // A closed account keeps what it holds.
    await members().deactivate(second.id, closing);
    await members().holdEmail(first.id);
    expect((await members().byLogin('shared@example.org'))?.id).toBe(second.id);
  });

  test('of many that would hold an e-mail at once one does', async () => {
    const email = `${anId()}@example.org`;
    const all = Array.from({ length: 8 }, () => aMember({ email }));
    await Promise.all(all.map((member) => members().insert(member)));
    await Promise.all(all.map(({ id }) => members().holdEmail(id)));
    const holder = await members().byLogin(email);
    expect(all.map(({ id }) => id)).toContain(holder?.id);
    await Promise.all(all.map(({ id }) => members().holdEmail(id)));
    expect(await members().byLogin(email)).toEqual(holder);
  });

  test('a password is changed together with the sessions that it ends', async () => {
    const member = aMember({ password_hash: 'old' });
    await members().insert(member);
    const signed_out = { at: 5, except: anId() };
    expect(await members().setPassword(member.id, 'new', signed_out)).toBe(true);
    expect(await members().byId(member.id)).toEqual({ ...member, password_hash: 'new', signed_out });
    expect(await members().setSignedOut(member.id, { at: 9, except: null })).toBe(true);
    expect(await members().byId(member.id)).toEqual({ ...member, password_hash: 'new', signed_out: { at: 9, except: null } });
    expect(await members().setPassword(anId(), 'new', signed_out)).toBe(false);
    expect(await members().setSignedOut(anId(), signed_out)).toBe(false);
  });

  test('a closed account is opened again once, by one of many, until its time is over', async () => {
    const [one, late, never] = [aMember(), aMember(), aMember()];
    for (const member of [one, late, never]) await members().insert(member);
    const until = { at: 100, reopen_until: 200 };
    for (const member of [one, late]) expect(await members().deactivate(member.id, until)).toBe(true);
    expect(await members().deactivate(never.id, { at: 100, reopen_until: null })).toBe(true);
    const closed = { is_active: false, reopen_until: 200, signed_out: { at: 100, except: null } };
    expect(await members().byId(one.id)).toEqual({ ...one, ...closed });
    expect(await members().byLogin(one.username)).toEqual({ ...one, ...closed });
    const all = await Promise.all(Array.from({ length: 5 }, () => members().reopen(one.id, 199)));
    expect(all.filter(Boolean)).toHaveLength(1);
    expect(await members().byId(one.id)).toEqual({ ...one, signed_out: { at: 100, except: null } });
    expect(await members().reopen(late.id, 200)).toBe(false);
    expect(await members().reopen(never.id, 100)).toBe(false);
    expect(await members().reopen(anId(), 100)).toBe(false);
    // An administrator's closing takes the time to undo away.
    expect(await members().deactivate(late.id, { at: 150, reopen_until: null })).toBe(true);
    expect(await members().reopen(late.id, 160)).toBe(false);
    expect((await members().byId(late.id))?.is_active).toBe(false);
  });
});

describe.each(backends)('sessions in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const sessions = () => opened.store.sessions;

  test('living ones are listed, last used first', async () => {
    const member_id = anId();
    const now = Date.now();
    const all = Array.from({ length: 5 }, (_, at) => aSession({ member_id, last_used_at: now - at * 1000, user_agent: 'UA', ip: '::1' }));
    for (const session of all) await sessions().insert(session);
    await sessions().insert({ ...all[0]!, ip: 'other' });
    expect(await sessions().byId(all[0]!.id)).toEqual(all[0]);
    expect(await sessions().byId(anId())).toBeNull();
    expect(await sessions().listByMember(member_id, now)).toEqual(all);
    expect(await sessions().listByMember(member_id, now + 4_000_000)).toEqual([]);
    await sessions().touch(all[3]!.id, now + 5, now + 9_000_000);
    expect(await sessions().byId(all[3]!.id)).toMatchObject({ last_used_at: now + 5, expires_at: now + 9_000_000 });
    await sessions().touch(all[3]!.id, now, now);
    expect(await sessions().byId(all[3]!.id)).toMatchObject({ last_used_at: now + 5 });
    expect((await sessions().listByMember(member_id, now))[0]?.id).toBe(all[3]!.id);
  });

  test('ending tells once, and each call only its own', async () => {
    const member_id = anId();
    const all = Array.from({ length: 6 }, () => aSession({ member_id }));
    for (const session of all) await sessions().insert(session);
    const twice = await Promise.all([sessions().end(all[0]!.id, 7), sessions().end(all[0]!.id, 8)]);
    expect(twice.sort()).toEqual([false, true]);
    expect(await sessions().end(anId(), 7)).toBe(false);
    const both = await Promise.all([sessions().endByMember(member_id, 9), sessions().endByMember(member_id, 9)]);
    expect(both.flat().sort()).toEqual(
      all
        .slice(1)
        .map(({ id }) => id)
        .sort(),
    );
    expect(await sessions().listByMember(member_id, Date.now())).toEqual([]);
    expect(await sessions().byId(all[1]!.id)).toMatchObject({ ended_at: 9 });
    const others = [aSession({ member_id }), aSession({ member_id })];
    for (const session of others) await sessions().insert(session);
    expect(await sessions().endByMember(member_id, 10, others[0]!.id)).toEqual([others[1]!.id]);
    expect((await sessions().listByMember(member_id, Date.now())).map(({ id }) => id)).toEqual([others[0]!.id]);
    await sessions().touch(all[1]!.id, Date.now() + 99, Date.now() + 99);
    expect(await sessions().byId(all[1]!.id)).toEqual({ ...all[1], ended_at: 9 });
  });

  test('a refresh token is used once, however many try', async () => {
    const token = { hash: anId() + anId(), session_id: anId(), expires_at: Date.now() + 60_000, used_at: null, used_by: null };
    await sessions().insertToken(token);
    await sessions().insertToken(token);
    expect(await sessions().token(token.hash)).toEqual(token);
    expect(await sessions().token('none')).toBeNull();
    const tries = await Promise.all(Array.from({ length: 8 }, (_, at) => sessions().useToken(token.hash, 100 + at, `device ${at}`)));
    expect(tries.filter(Boolean)).toHaveLength(1);
    const first = tries.indexOf(true);
    expect(await sessions().token(token.hash)).toEqual({ ...token, used_at: 100 + first, used_by: `device ${first}` });
    expect(await sessions().useToken('none', 1, 'x')).toBe(false);
  });
});

describe.each(backends)('epochs in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  test('the highest epoch ever shown is kept, and the store answers a ping', async () => {
    const raised = await Promise.all([3, 9, 5, 1].map((epoch) => opened.store.epochs.raise(epoch)));
    expect(Math.max(...raised)).toBe(9);
    expect(await opened.store.epochs.raise(2)).toBe(9);
    expect(await opened.store.epochs.raise(2 ** 40)).toBe(2 ** 40);
    await opened.store.ping();
  });
});

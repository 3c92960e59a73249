import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { aMember } from './a-member.js';
import { Stage } from './stage.js';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: { code?: string }) => error.code ?? String(error),
  );

describe('a community', () => {
  let stage: Stage;
  let ada: string;
  let bob: string;

  const member = async (username: string): Promise<string> => {
    const id = newId(stage.clock.now());
    await stage.base.members.insert(aMember(id, username));
    return id;
  };
  const join = (by: string) => stage.askCommunity({ type: 'join', by });
  const change = (by: string, member_id: string, what: Record<string, unknown>) =>
    stage.askCommunity({ type: 'change_membership', by, member_id, ...what });
  const role = async (id: string) => (await stage.askCommunity<{ role: string | null }>({ type: 'access', member_id: id })).role;

  beforeEach(async () => {
    stage = await new Stage().open();
    [ada, bob] = [await member('ada'), await member('bob')];
  });
  afterEach(() => stage.actors.stop());

  it('counts its members, and joining twice is joining once', async () => {
    await join(ada);
    await join(ada);
    expect(await stage.askCommunity({ type: 'get', by: ada })).toMatchObject({ member_count: 2, me: { role: 'member' } });
    await stage.askCommunity({ type: 'leave', by: ada });
    expect(await stage.askCommunity({ type: 'get', by: ada })).toMatchObject({ member_count: 1 });
    expect(stage.published.filter((p) => p.event === 'member_joined')).toHaveLength(1);
  });

  it('says how somebody stands while a membership is being written, and what it says is never ahead of the store', async () => {
    await join(ada);
    const memberships = stage.base.memberships;
    const real = memberships.put.bind(memberships);
    let land: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      land = resolve;
    });
    const put = jest.spyOn(memberships, 'put').mockImplementation(async (record) => {
      await held;
      return real(record);
    });
    const joining = join(bob);
    while (put.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await role(ada)).toBe('member');
    const ofBob = role(bob);
    const first = await Promise.race([ofBob, new Promise((resolve) => setImmediate(() => resolve('waits')))]);
    expect(first).toBe('waits');
    land();
    await joining;
    expect(await ofBob).toBe('member');
  });

  it('is made once, though the command comes twice, and only by its maker', async () => {
    const create = { type: 'create', by: stage.owner, name: 'again', description: null, is_public: true, tags: [], avatar_url: null };
    expect(await stage.askCommunity(create)).toMatchObject({ name: 'c', member_count: 1, me: { role: 'owner' } });
    expect(await codeOf(stage.askCommunity({ ...create, by: ada }))).toBe('conflict');
  });

  it('gives its maker ownership, though a crash came between the community and the membership', async () => {
    const id = newId(stage.clock.now());
    const dates = { created_at: 0, updated_at: 0, deleted_at: null };
    await stage.base.communities.insert({
      id,
      kind: 'community',
      name: 'half',
      description: null,
      created_by: ada,
      owner_id: ada,
      ledger_rev: 1,
      handed_over_by: null,
      member_count: 1,
      is_public: true,
      tags: [],
      avatar_url: null,
      ...dates,
    });
    expect(await stage.actors.ask({ kind: 'community', key: id }, { type: 'get', by: ada } as never)).toMatchObject({
      me: { role: 'owner' },
      member_count: 1,
    });
  });

  it('always keeps one owner: it is handed over, never left', async () => {
    await join(ada);
    expect(await codeOf(stage.askCommunity({ type: 'leave', by: stage.owner }))).toBe('conflict');
    await change(stage.owner, ada, { role: 'owner' });
    expect([await role(ada), await role(stage.owner)]).toEqual(['owner', 'moderator']);
    expect(stage.published.findLast(({ event }) => event === 'community_updated')).toMatchObject({
      payload: { community: { owner_id: ada } },
    });
    expect(await codeOf(stage.askCommunity({ type: 'leave', by: stage.owner }))).toBe('ok');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['was never there', async () => undefined],
    ['has left', () => join(bob).then(() => stage.askCommunity({ type: 'leave', by: bob }))],
    ['was removed', () => join(bob).then(() => stage.askCommunity({ type: 'remove_member', by: stage.owner, member_id: bob }))],
    ['is banned', () => join(bob).then(() => change(stage.owner, bob, { is_banned: true }))],
    ['was banned', () => change(stage.owner, bob, { is_banned: true }).then(() => change(stage.owner, bob, { is_banned: false }))],
  ])('makes nobody a member unasked: one who %s', async (_who, before) => {
    await join(ada);
    await change(stage.owner, ada, { role: 'moderator' });
    await before();
    const state = async () => (await stage.base.memberships.get(stage.community, bob))?.state;
    const was = await state();
    for (const by of [stage.owner, ada]) {
      for (const role of ['owner', 'moderator', 'member']) {
        for (const more of [{}, { is_banned: false }, { muted_until: null }, { is_banned: false, muted_until: stage.clock.now() + 9 }])
          expect([role, more, await codeOf(change(by, bob, { role, ...more }))]).toEqual([role, more, 'forbidden']);
      }
      // What needs no membership is done without making one.
      for (const what of [{ muted_until: stage.clock.now() + 9 }, { muted_until: null }, {}]) await codeOf(change(by, bob, what));
    }
    expect(await state()).toBe(was);
    expect(await stage.askCommunity({ type: 'get', by: ada })).toMatchObject({ member_count: 2 });
  });

  it('takes in whom an administrator of the installation adds, as a plain member, also where they are no member themselves', async () => {
    await stage.askCommunity({ type: 'update', by: stage.owner, patch: { is_public: false } });
    expect(await codeOf(change(ada, bob, { role: 'member' }))).toBe('not_found');
    expect(await change(ada, bob, { role: 'member', is_admin: true })).toMatchObject({ role: 'member' });
    expect(stage.published.filter((p) => p.event === 'member_joined')).toHaveLength(1);
    // No more than that.
    for (const what of [{ role: 'moderator' }, { role: 'owner' }, { is_banned: true }, { muted_until: null }, {}])
      expect(await codeOf(change(ada, bob, { ...what, is_admin: true }))).toBe('not_found');
    expect(await role(bob)).toBe('member');
  });

  it('is opened by its owner alone', async () => {
    await join(ada);
    await change(stage.owner, ada, { role: 'moderator' });
    const update = (by: string, patch: Record<string, unknown>) => codeOf(stage.askCommunity({ type: 'update', by, patch }));
    // While it is public a whole form that says so changes nothing about it.
    expect(await update(ada, { name: 'n', is_public: true })).toBe('ok');
    expect(await update(ada, { is_public: false })).toBe('ok');
    expect(await update(ada, { name: 'opened', is_public: true })).toBe('forbidden');
    expect(await stage.base.communities.byId(stage.community)).toMatchObject({ name: 'n', is_public: false });
    expect(await update(stage.owner, { is_public: true })).toBe('ok');
  });

  it('keeps who is banned out until the ban is lifted', async () => {
    await join(ada);
    await change(stage.owner, ada, { is_banned: true });
    expect(stage.evicted).toEqual([ada]);
    expect(await codeOf(join(ada))).toBe('forbidden');
    for (const is_admin of [undefined, true])
      expect(await codeOf(change(stage.owner, ada, { role: 'member', is_admin }))).toBe(is_admin ? 'conflict' : 'forbidden');
    expect(await codeOf(change(stage.owner, ada, { role: 'member', is_banned: false }))).toBe('forbidden');
    expect((await stage.base.memberships.get(stage.community, ada))?.state).toBe('banned');
    await change(stage.owner, ada, { is_banned: false });
    expect(await codeOf(join(ada))).toBe('ok');
  });

  it('tells of a removal although the members cannot be counted at once, and counts later', async () => {
    await join(ada);
    const count = jest.spyOn(stage.base.memberships, 'countActive').mockRejectedValue(new Fault('unavailable'));
    await stage.askCommunity({ type: 'remove_member', by: stage.owner, member_id: ada });
    expect(stage.evicted).toEqual([ada]);
    expect(await stage.askCommunity({ type: 'get', by: stage.owner })).toMatchObject({ member_count: 2 });
    count.mockRestore();
    await stage.clock.advance(5_000);
    expect(await stage.askCommunity({ type: 'get', by: stage.owner })).toMatchObject({ member_count: 1 });
  });

  it('settles a membership whose write had no answer, without being asked', async () => {
    await join(ada);
    const put = jest.spyOn(stage.base.memberships, 'put').mockRejectedValueOnce(new Fault('timeout'));
    expect(await codeOf(change(stage.owner, ada, { is_banned: true }))).toBe('timeout');
    expect(stage.evicted).toEqual([]);
    await stage.clock.advance(5_000);
    put.mockRestore();
    expect((await stage.base.memberships.get(stage.community, ada))?.state).toBe('banned');
    expect(stage.evicted).toEqual([ada]);
    expect(await codeOf(stage.send('x', 'n', ada))).toBe('forbidden');
  });

  it('reads memberships anew that an owner before may have written late', async () => {
    await join(ada);
    expect(await codeOf(stage.send('x', 'n1', ada))).toBe('ok');
    const record = await stage.base.memberships.get(stage.community, ada);
    await stage.base.memberships.put({ ...record!, state: 'banned', version: record!.version + 1 });
    await stage.clock.advance(30_000);
    expect(await codeOf(stage.send('y', 'n2', ada))).toBe('forbidden');
  });

  it('remembers a mute over leaving and coming back', async () => {
    await join(ada);
    await change(stage.owner, ada, { muted_until: stage.clock.now() + 60_000 });
    await stage.askCommunity({ type: 'leave', by: ada });
    await join(ada);
    expect(await codeOf(stage.send('x', 'n', ada))).toBe('forbidden');
    await stage.clock.advance(60_000);
    expect(await codeOf(stage.send('x', 'n', ada))).toBe('ok');
  });

  it('tells threads at once when somebody they know is removed, muted, or shut out by privacy', async () => {
    await join(ada);
    await join(bob);
    for (const who of [ada, bob]) expect(await codeOf(stage.send('x', `n ${who}`, who))).toBe('ok');
    expect(await codeOf(stage.ask({ type: 'sync', by: newId(9), after_rev: 0 }))).toBe('ok');
    await stage.askCommunity({ type: 'remove_member', by: stage.owner, member_id: ada });
    await change(stage.owner, bob, { muted_until: stage.clock.now() + 1_000_000 });
    expect(await codeOf(stage.send('y', 'n1', ada))).toBe('forbidden');
    expect(await codeOf(stage.send('y', 'n2', bob))).toBe('forbidden');
    await stage.askCommunity({ type: 'update', by: stage.owner, patch: { is_public: false } });
    expect(await codeOf(stage.ask({ type: 'sync', by: ada, after_rev: 0 }))).toBe('not_found');
  });

  it('refuses a message that names nobody, and goes on for everyone else', async () => {
    await join(ada);
    const reads = jest.spyOn(stage.base.communities, 'byId');
    for (const nobody of [undefined, null, 7, {}, ['x']]) {
      expect(await codeOf(stage.askCommunity({ type: 'access', member_id: nobody as never }))).toBe('validation_failed');
      expect(await codeOf(stage.askCommunity({ type: 'get', by: nobody as never }))).toBe('validation_failed');
      expect(await codeOf(stage.askCommunity({ type: 'join', by: nobody as never }))).toBe('validation_failed');
    }
    expect(await stage.askCommunity({ type: 'get', by: ada })).toMatchObject({ member_count: 2, me: { role: 'member' } });
    // Its activation has not ended: the store was not read anew.
    expect(reads).not.toHaveBeenCalled();
  });

  it('ends everything in it with itself', async () => {
    await stage.send('x');
    await stage.askCommunity({ type: 'delete', by: stage.owner });
    expect(await codeOf(stage.send('y'))).toBe('not_found');
    expect(await codeOf(stage.askCommunity({ type: 'get', by: stage.owner }))).toBe('not_found');
  });

  it('writes and shows where its threads stand, many changes as one', async () => {
    for (let i = 0; i < 20; i++) await stage.send(`${i}`);
    await stage.clock.advance(3_000);
    expect(await stage.base.threads.byId(stage.thread)).toMatchObject({ last_seq: 20, head_rev: 20, message_count: 20 });
    expect(stage.published.filter((p) => p.event === 'thread_updated').length).toBeLessThan(4);
  });

  it('repairs figures that a crash left behind', async () => {
    await stage.send('a');
    const { message } = await stage.send('b');
    await stage.ask({ type: 'delete', by: stage.owner, message_id: message.id });
    await stage.clock.advance(400_000);
    await stage.base.threads.update(stage.thread, { last_seq: 1, head_rev: 1, message_count: 9 });
    expect(await stage.ask({ type: 'get', by: stage.owner })).toMatchObject({ last_seq: 2, head_rev: 3, message_count: 1 });
  });
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { tellCommunities } from '../../../src/actors/domain/community/account-changes.js';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import type { MembershipRecord } from '../../../src/store/contracts.js';
import { AccountChanges } from '../../../src/workers/account-changes.js';
import { aMember } from './a-member.js';
import { commitsOfCommunities } from './commits-of.js';
import { Stage } from './stage.js';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: { code?: string }) => error.code ?? String(error),
  );

describe('when an account is closed', () => {
  let stage: Stage;
  let founder: string;

  const roleOf = async (id: string) => (await stage.askCommunity<{ role: string | null }>({ type: 'access', member_id: id })).role;
  const storedOwner = async () => (await stage.base.communities.byId(stage.community))?.owner_id;
  const counted = async () => (await stage.base.communities.byId(stage.community))?.member_count;
  const join = (by: string) => stage.askCommunity({ type: 'join', by });
  const promote = (member_id: string) => stage.askCommunity({ type: 'change_membership', by: founder, member_id, role: 'moderator' });
  const someone = async (name: string, fields: Parameters<typeof aMember>[2] = {}): Promise<string> => {
    await stage.clock.advance(1_000);
    const id = newId(stage.clock.now());
    await stage.base.members.insert(aMember(id, name, fields));
    return id;
  };
  const joined = async (name: string, fields?: Parameters<typeof aMember>[2]): Promise<string> => {
    const id = await someone(name, fields);
    await join(id);
    return id;
  };
  const closing = () => ({ at: stage.clock.now(), reopen_until: stage.clock.now() + 86_400_000 });
  /** As an operation does it; `tells` false: the node dies before it tells anybody. */
  const close = async (id: string, { tells = true } = {}) => {
    await stage.base.members.deactivate(id, closing());
    if (tells) await stage.during(tellCommunities(stage.store, stage.actors, id));
  };
  const reopen = async (id: string) => {
    await stage.base.members.reopen(id, stage.clock.now());
    await stage.during(tellCommunities(stage.store, stage.actors, id));
  };
  const sweep = async () => {
    await new AccountChanges(stage.store, stage.actors, stage.clock).run();
    await stage.clock.advance(1_000);
  };
  const crash = () => stage.during(stage.actors.catalog.evacuate(({ kind }) => kind === 'community', 'lost'));

  beforeEach(async () => {
    stage = await new Stage().open();
    founder = stage.owner;
    await stage.base.members.insert(aMember(founder, 'founder'));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    return stage.actors.stop();
  });

  it('its communities go to the oldest moderator, and are told so', async () => {
    const [old, first, second] = [await joined('old'), await joined('first'), await joined('second')];
    for (const id of [second, first]) await promote(id);
    await close(founder);
    expect([await storedOwner(), await roleOf(first), await roleOf(old)]).toEqual([first, 'owner', 'member']);
    expect(stage.published.filter((p) => p.event === 'community_updated').at(-1)?.payload).toMatchObject({
      community: { owner_id: first },
    });
    await close(first);
    expect(await storedOwner()).toBe(second);
    await close(second);
    expect([await storedOwner(), await roleOf(old)]).toEqual([old, 'owner']);
    await crash();
    expect(await roleOf(old)).toBe('owner');
  });

  it('passed over are those who cannot sign in, were removed, or whose account is closed as well', async () => {
    const [imported, removed, closed, closing] = [
      await joined('imported', { password_hash: null }),
      await joined('removed'),
      await joined('closed'),
      await joined('closing'),
    ];
    for (const id of [imported, removed, closed, closing]) await promote(id);
    const plain = await joined('plain');
    await stage.askCommunity({ type: 'remove_member', by: founder, member_id: removed });
    await close(closed);
    // Closed a moment ago: the community has not heard of it.
    await close(closing, { tells: false });
    await close(founder);
    expect(await storedOwner()).toBe(plain);
  });

  it('with nobody left it keeps its owner’s name; who comes later owns nothing; an administrator hands it over', async () => {
    const [admin, late] = [await someone('admin'), await someone('late')];
    const handOver = (by: string, is_admin?: true) => codeOf(stage.askCommunity({ type: 'hand_over', by, is_admin, member_id: late }));
    await join(late);
    expect(await handOver(admin, true)).toBe('forbidden');
    await stage.askCommunity({ type: 'leave', by: late });
    await close(founder);
    await stage.clock.advance(1_000);
    await join(late);
    await stage.clock.advance(40_000);
    await sweep();
    expect([await storedOwner(), await roleOf(late), await roleOf(founder)]).toEqual([founder, 'member', null]);
    expect(await handOver(late)).toBe('forbidden');
    expect(await handOver(admin, true)).toBe('ok');
    expect(await roleOf(late)).toBe('owner');
    expect(await codeOf(stage.askCommunity({ type: 'hand_over', by: admin, is_admin: true, member_id: admin }))).toBe('forbidden');
  });

  it('a newcomer of the moments between closing and telling comes to own nothing', async () => {
    await close(founder, { tells: false });
    await stage.clock.advance(1_000);
    const late = await joined('late');
    await stage.clock.advance(40_000);
    await sweep();
    expect([await storedOwner(), await roleOf(late)]).toEqual([founder, 'member']);
  });

  it('reopening brings the membership back as it was, and not the ownership', async () => {
    const [ada, bob] = [await joined('ada'), await joined('bob')];
    await promote(ada);
    await stage.askCommunity({ type: 'change_membership', by: founder, member_id: bob, muted_until: 9e12 });
    const before = await stage.base.memberships.get(stage.community, bob);
    for (const id of [founder, bob]) await close(id);
    expect([await roleOf(founder), await roleOf(bob), await counted()]).toEqual([null, null, 1]);
    expect(await codeOf(stage.send('x', 'n', bob))).toBe('forbidden');
    for (const id of [founder, bob]) await reopen(id);
    expect([await roleOf(founder), await roleOf(ada), await roleOf(bob), await counted()]).toEqual(['moderator', 'owner', 'member', 3]);
    expect(await stage.base.memberships.get(stage.community, bob)).toEqual({ ...before, version: before!.version + 2 });
    expect(stage.published.filter((p) => p.event === 'member_left')).toHaveLength(2);
    expect(stage.published.filter((p) => p.event === 'member_joined')).toHaveLength(4);
  });

  it('whoever it passes on to may write there, muted or not', async () => {
    const bob = await joined('bob');
    await stage.askCommunity({ type: 'change_membership', by: founder, member_id: bob, muted_until: 9e12 });
    await close(founder);
    expect(await roleOf(bob)).toBe('owner');
    expect(await codeOf(stage.send('x', 'n', bob))).toBe('ok');
  });

  it('a sole owner who comes back owns it, also after another activation', async () => {
    await close(founder);
    await crash();
    expect([await roleOf(founder), await counted()]).toEqual([null, 0]);
    await reopen(founder);
    expect([await roleOf(founder), await counted()]).toEqual(['owner', 1]);
  });

  it('who was banned, left or removed is not brought in by reopening', async () => {
    const [banned, left] = [await joined('banned'), await joined('left')];
    await stage.askCommunity({ type: 'change_membership', by: founder, member_id: banned, is_banned: true });
    await stage.askCommunity({ type: 'leave', by: left });
    for (const id of [banned, left]) await close(id);
    for (const id of [banned, left]) await reopen(id);
    await stage.clock.advance(40_000);
    await sweep();
    expect([await roleOf(banned), await roleOf(left), await codeOf(join(banned))]).toEqual([null, null, 'forbidden']);
  });

  it('a join that was under way when it was closed is undone by the sweep', async () => {
    const ada = await someone('ada');
    await close(ada);
    await join(ada);
    expect(await counted()).toBe(2);
    await stage.clock.advance(40_000);
    await sweep();
    expect([await counted(), (await stage.base.memberships.get(stage.community, ada))?.state]).toEqual([1, 'closed']);
    await sweep();
    expect(await stage.base.members.accountChange(ada)).toBeNull();
  });

  it('the mark stays until every community knows, and is not waited for by one that was deleted', async () => {
    const ada = await joined('ada');
    const put = jest.spyOn(stage.base.memberships, 'put').mockRejectedValue(new Fault('unavailable'));
    await close(founder);
    await stage.clock.advance(40_000);
    await sweep();
    expect([await storedOwner(), (await stage.base.members.accountChange(founder))?.is_active]).toEqual([ada, false]);
    put.mockRestore();
    await sweep();
    await sweep();
    expect([await roleOf(founder), await stage.base.members.accountChange(founder)]).toEqual([null, null]);

    await close(ada, { tells: false });
    await stage.askCommunity({ type: 'delete', by: ada });
    await stage.clock.advance(40_000);
    await sweep();
    expect(await stage.base.members.accountChange(ada)).toBeNull();
  });

  /** Whatever becomes of whichever write, and whoever tells it, in the end there is one owner and the list is right. */
  const fates = ['dies before', 'dies after', 'unknown, stored', 'unknown, not stored'] as const;
  it('passes on, whatever dies on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fates), fc.nat(3), fc.boolean(), fc.boolean(), async (fate, nth, tells, hasModerator) => {
        stage = await new Stage().open();
        founder = stage.owner;
        await stage.base.members.insert(aMember(founder, 'founder'));
        const [ada, bob] = [await joined('ada'), await joined('bob')];
        if (hasModerator) await promote(bob);
        const heir = hasModerator ? bob : ada;
        const { communities, ledgers, memberships } = stage.base;
        const real = {
          append: ledgers.append.bind(ledgers),
          apply: communities.apply.bind(communities),
          put: memberships.put.bind(memberships),
        };
        let before = nth;
        const never = new Promise<never>(() => undefined);
        const through = <T>(write: () => Promise<T>): Promise<T> => {
          if (before-- !== 0) return write();
          if (fate === 'dies before') return never;
          if (fate === 'dies after') return write().then(() => never);
          return (fate === 'unknown, stored' ? write() : Promise.resolve()).then(() => {
            throw new Fault('timeout');
          });
        };
        ledgers.append = commitsOfCommunities(real.append, (commits) =>
          through(() => real.append(commits)).catch(() => commits.map(() => 'unknown' as const)),
        );
        communities.apply = (...state) => through(() => real.apply(...state));
        memberships.put = (record: MembershipRecord) => through(() => real.put(record));
        await stage.base.members.deactivate(founder, closing());
        const told = tells ? tellCommunities(stage.store, stage.actors, founder) : sweep();
        await stage.clock.advance(100);
        before = -1;
        if (fate.startsWith('dies')) await crash();
        await stage.during(told);
        expect([founder, heir]).toContain(await storedOwner());
        await stage.clock.advance(40_000);
        await sweep();
        await stage.clock.advance(5_000);
        await sweep();
        await sweep();
        expect([await storedOwner(), await roleOf(heir), await roleOf(founder)]).toEqual([heir, 'owner', null]);
        expect(await stage.base.members.accountChange(founder)).toBeNull();
        expect((await stage.base.memberships.listByCommunity(stage.community, { limit: 9 })).map((m) => m.member_id)).toEqual([ada, bob]);
        await reopen(founder);
        expect([await roleOf(heir), await roleOf(founder)]).toEqual(['owner', 'moderator']);
        await stage.actors.stop();
      }),
      { numRuns: 60 },
    );
  });
});

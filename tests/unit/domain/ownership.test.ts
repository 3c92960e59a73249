import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { aMember } from './a-member.js';
import { commitsOfCommunities } from './commits-of.js';
import { elsewhere } from './elsewhere.js';
import { Stage } from './stage.js';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: { code?: string }) => error.code ?? String(error),
  );

interface People {
  stage: Stage;
  /** Founder, a moderator, a member. */
  ids: string[];
}

const people = async (): Promise<People> => {
  const stage = await new Stage().open();
  const [ada, bob] = [newId(11), newId(12)];
  for (const [id, name] of [
    [stage.owner, 'founder'],
    [ada, 'ada'],
    [bob, 'bob'],
  ] as const)
    await stage.base.members.insert(aMember(id, name));
  for (const by of [ada, bob]) await stage.askCommunity({ type: 'join', by });
  await stage.askCommunity({ type: 'change_membership', by: stage.owner, member_id: ada, role: 'moderator' });
  return { stage, ids: [stage.owner, ada, bob] };
};

const roleOf = async (stage: Stage, id: string) =>
  (await stage.askCommunity<{ role: string | null }>({ type: 'access', member_id: id })).role;
const storedOwner = async (stage: Stage) => (await stage.base.communities.byId(stage.community))?.owner_id;
/** The node dies: no more turns, and another activation reads what is stored. */
const crash = (stage: Stage) => stage.during(stage.actors.catalog.evacuate(({ kind }) => kind === 'community', 'lost'));

/** At both doors: the route of its own, and version 1's change of a role. */
const ways = {
  hand_over: (by: string, member_id: string) => ({ type: 'hand_over', by, member_id }),
  change_membership: (by: string, member_id: string) => ({ type: 'change_membership', by, member_id, role: 'owner' }),
};
type Way = keyof typeof ways;

describe.each(Object.keys(ways) as Way[])('ownership, handed over by %s', (way) => {
  let stage: Stage;
  let ids: string[];
  const handOver = (by: string, to: string) => stage.askCommunity(ways[way](by, to));

  beforeEach(async () => {
    ({ stage, ids } = await people());
  });
  afterEach(() => {
    jest.restoreAllMocks();
    return stage.actors.stop();
  });

  it('lifts a mute for as long as one owns it, since nobody else could', async () => {
    const [founder, ada, bob] = ids as [string, string, string];
    const mutes = (by: string, muted_until: number | null) =>
      stage.askCommunity({ type: 'change_membership', by, member_id: bob, muted_until });
    await mutes(founder, 9e12);
    expect(await codeOf(stage.send('x', 'n1', bob))).toBe('forbidden');
    await handOver(founder, bob);
    expect(await codeOf(stage.send('x', 'n2', bob))).toBe('ok');
    expect(await stage.askCommunity({ type: 'access', member_id: bob })).toMatchObject({
      role: 'owner',
      member: { timed_out_until: null },
    });
    await crash(stage);
    await stage.clock.advance(10_000);
    expect(await codeOf(stage.send('x', 'n3', bob))).toBe('ok');
    // Whoever owns it next can lift it, and decides.
    await handOver(bob, ada);
    expect(await codeOf(stage.send('x', 'n4', bob))).toBe('forbidden');
    await mutes(ada, null);
    expect(await codeOf(stage.send('x', 'n5', bob))).toBe('ok');
  });

  it('is not given with a mute that would stay', async () => {
    const [founder, , bob] = ids as [string, string, string];
    const change = { type: 'change_membership', by: founder, member_id: bob, role: 'owner', muted_until: 9e12 };
    expect(await stage.askCommunity(change)).toMatchObject({ role: 'owner', muted_until: null });
    expect(await codeOf(stage.send('x', 'n', bob))).toBe('ok');
  });

  it('is one commit: whoever gave it up is a moderator, and may do it again without harm', async () => {
    const [founder, ada, bob] = ids as [string, string, string];
    const real = stage.base.ledgers.append.bind(stage.base.ledgers);
    const named = jest.fn(real);
    stage.base.ledgers.append = commitsOfCommunities(real, named);
    await handOver(founder, bob);
    expect(named).toHaveBeenCalledTimes(1);
    expect(await Promise.all(ids.map((id) => roleOf(stage, id)))).toEqual(['moderator', 'moderator', 'owner']);
    expect(stage.published.findLast(({ event }) => event === 'community_updated')).toMatchObject({
      payload: { community: { owner_id: bob } },
    });
    // The answer was lost and the same is asked again, also of another activation.
    await crash(stage);
    expect(await codeOf(handOver(founder, bob))).toBe('ok');
    expect(named).toHaveBeenCalledTimes(1);
    // That is no leave to do it anew, nor for others.
    expect(await codeOf(handOver(founder, ada))).toBe('forbidden');
    expect(await codeOf(handOver(ada, bob))).toBe('forbidden');
    await handOver(bob, founder);
    expect(await Promise.all(ids.map((id) => roleOf(stage, id)))).toEqual(['owner', 'moderator', 'moderator']);
    expect(await codeOf(handOver(founder, founder))).toBe(way === 'hand_over' ? 'ok' : 'forbidden');
  });

  it('goes to members alone whose account is not closed', async () => {
    const [founder, ada, bob] = ids as [string, string, string];
    expect(await codeOf(handOver(founder, newId(99)))).toBe(way === 'hand_over' ? 'not_found' : 'forbidden');
    await stage.askCommunity({ type: 'leave', by: bob });
    expect(await codeOf(handOver(founder, bob))).toBe(way === 'hand_over' ? 'not_found' : 'forbidden');
    await stage.base.members.deactivate(ada, { at: stage.clock.now(), reopen_until: null });
    expect(await codeOf(handOver(founder, ada))).toBe('not_found');
    expect(await storedOwner(stage)).toBe(founder);
  });

  it('is settled when the store gave no answer, before anybody is told that they own it', async () => {
    const [founder, , bob] = ids as [string, string, string];
    for (const landed of [true, false]) {
      const append = stage.base.ledgers.append.bind(stage.base.ledgers);
      const named = jest.spyOn(stage.base.ledgers, 'append').mockImplementation(async (commits) => {
        if (landed) await append(commits);
        return commits.map(() => 'unknown');
      });
      const [from, to] = landed ? [founder, bob] : [bob, founder];
      expect(await stage.during(codeOf(handOver(from, to)))).toBe('timeout');
      // While it is not known nobody hears who it is; others are not held up.
      for (const id of [from, to]) expect(await codeOf(roleOf(stage, id))).toBe('unavailable');
      expect(await roleOf(stage, ids[1] as string)).toBe('moderator');
      expect(await codeOf(stage.askCommunity({ type: 'delete', by: from }))).toBe('timeout');
      named.mockRestore();
      await stage.clock.advance(5_000);
      expect([await roleOf(stage, from), await roleOf(stage, to)]).toEqual(['moderator', 'owner']);
    }
  });

  it('of two nodes that both believe that they are at it one wins, and the other believes the store', async () => {
    const [founder, ada, bob] = ids as [string, string, string];
    const late = await elsewhere(stage, 'hand_over_community', founder, () => ({ owner_id: ada }));
    expect(await stage.base.ledgers.append([late])).toEqual(['stored']);
    expect(await codeOf(handOver(founder, bob))).toBe('unavailable');
    expect(await Promise.all(ids.map((id) => roleOf(stage, id)))).toEqual(['moderator', 'owner', 'member']);
    expect(await codeOf(handOver(founder, bob))).toBe('forbidden');
  });
});

/** What happens to one write: the node dies before it or after it, or its answer is lost. */
const fates = ['dies before', 'dies after', 'unknown, stored', 'unknown, not stored', 'unknown, stored late'] as const;

it('has one owner, whatever becomes of whichever write, and the next hand-over goes as ever', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Way>('hand_over', 'change_membership'),
      fc.array(fc.record({ fate: fc.constantFrom(...fates), write: fc.nat(3), to: fc.nat(2) }), { minLength: 1, maxLength: 4 }),
      async (way, story) => {
        const { stage, ids } = await people();
        const { communities, ledgers, memberships } = stage.base;
        const real = {
          append: ledgers.append.bind(ledgers),
          apply: communities.apply.bind(communities),
          put: memberships.put.bind(memberships),
        };
        const landing: (() => Promise<unknown>)[] = [];
        let fate: (typeof fates)[number] | undefined;
        let before = 0;
        const never = new Promise<never>(() => undefined);
        const through = <T>(write: () => Promise<T>): Promise<T> => {
          if (fate === undefined || before-- > 0) return write();
          const now = fate;
          if (!now.startsWith('dies')) fate = undefined;
          if (now === 'dies before') return never;
          if (now === 'dies after') return write().then(() => never);
          if (now === 'unknown, stored late') landing.push(write);
          return (now === 'unknown, stored' ? write() : Promise.resolve()).then(() => {
            throw new Fault('timeout');
          });
        };
        ledgers.append = commitsOfCommunities(real.append, (commits) =>
          through(() => real.append(commits)).catch(() => commits.map(() => 'unknown' as const)),
        );
        communities.apply = (...state) => through(() => real.apply(...state));
        memberships.put = (record) => through(() => real.put(record));
        const roles = () => Promise.all(ids.map((id) => roleOf(stage, id)));

        for (const { fate: next, write, to } of story) {
          const owner = await storedOwner(stage);
          const others = ids.filter((id) => id !== owner);
          const wanted = others[to % others.length] as string;
          [fate, before] = [next, write];
          const asked = codeOf(stage.askCommunity(ways[way](owner as string, wanted)));
          await stage.clock.advance(100);
          if (next.startsWith('dies')) await crash(stage);
          fate = undefined;
          const code = await stage.during(asked);
          await stage.clock.advance(5_000);
          for (const late of landing.splice(0)) await late();
          await stage.clock.advance(5_000);
          await roleOf(stage, wanted);
          const now = (await storedOwner(stage)) as string;
          expect([owner, wanted]).toContain(now);
          if (code === 'ok') expect(now).toBe(wanted);
          const seen = await roles();
          expect(ids.filter((_id, at) => seen[at] === 'owner')).toEqual([now]);
          // Who gave it up is a moderator, never less.
          if (now === wanted) expect(await roleOf(stage, owner as string)).toBe('moderator');
          // What another activation reads is the same.
          await crash(stage);
          expect(await roles()).toEqual(seen);
        }
        await stage.actors.stop();
      },
    ),
    { numRuns: 150 },
  );
});

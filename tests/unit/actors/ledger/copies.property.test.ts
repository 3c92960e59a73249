import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copiedSources } from '../../../../src/actors/domain/user/copied.js';
import { Copies } from '../../../../src/actors/ledger/copies.js';
import { FakeClock } from '../../../../src/kernel/clock.js';
import { projectionOf } from '../../../../src/store/community-items.js';
import type { MembershipRepository, Store } from '../../../../src/store/contracts.js';
import { createMemoryStore } from '../../../../src/store/memory/store.js';
import { toOwnMembership } from '../../../../src/store/resources.js';
import { type Fate, Owner, Trouble } from './stage.js';

const member = '65f000000000000000000001';
const places = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(24));
const dates = { created_at: 0, updated_at: 0, deleted_at: null };
const text = { name: 'c', description: null, is_public: true, tags: [], avatar_url: null, member_count: 1 };

/**
 * What becomes of taking marks away: it is done; a crash comes before it; it is done and no answer comes; it is done
 * after a while.
 */
type Clearing = 'ok' | 'crash' | 'unseen' | 'slow';

type Step =
  | { do: 'write'; place: number; until: number; leaves: boolean; hint: boolean }
  | { do: 'delete' | 'hand_over'; place: number }
  | { do: 'hint' }
  | { do: 'take_over' }
  | { do: 'land' }
  | { do: 'wait'; ms: number };

const place = fc.nat(places.length - 1);
const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      // Few values: what was before comes again.
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        place,
        until: fc.nat(1),
        leaves: fc.boolean(),
        hint: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'hand_over' as const), place }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('hint' as const, 'take_over' as const, 'land' as const) }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 101, 600, 3_000) }) },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
) as fc.Arbitrary<Step[]>;
const fates = fc.array(fc.constantFrom<Fate>('ok', 'ok', 'slow', 'unseen', 'lost', 'delayed', 'overtaken'), { maxLength: 40, size: 'max' });
const clearings = fc.array(fc.constantFrom<Clearing>('ok', 'ok', 'crash', 'unseen', 'slow'), { maxLength: 20, size: 'max' });

class CopyingOwner extends Owner {
  readonly copies: Copies;

  constructor(clock: FakeClock, epoch: number, ledgers: Trouble, store: Store) {
    super(`me:${member}`, clock, epoch, ledgers);
    const since = clock.monotonic();
    this.copies = new Copies({
      ...{ subject: member, ledger: this.ledger, context: this.context },
      sources: copiedSources({ store, memberId: member, now: () => clock.now(), ledger: this.ledger, gatherMs: () => 2_000, marks: {} }),
      turnIn: (ms) => void clock.after(ms, () => void this.turn(() => (this.context.isLost ? Promise.resolve() : this.copies.turn()))),
      isDoubtful: () => clock.monotonic() - since < 27_000,
    });
    for (const ms of [4_000, 12_000, 25_000]) clock.after(ms, () => void this.turn(() => this.ledger.lookAgain()).catch(() => undefined));
  }
}

const withClearing = (real: MembershipRepository, clock: FakeClock, fate: () => Clearing): MembershipRepository =>
  new Proxy(real, {
    get: (target, name) => {
      const own: unknown = Reflect.get(target, name);
      if (name !== 'told') return typeof own === 'function' ? own.bind(target) : own;
      return async (...given: Parameters<MembershipRepository['told']>) => {
        const what = fate();
        if (what === 'slow') await clock.sleep(2_000);
        if (what !== 'crash') await real.told(...given);
        if (what === 'crash' || what === 'unseen') throw new Error('the store does not answer');
      };
    },
  });

it('whatever is lost, crashes or lands late, after quiet each copied item equals its record, and no mark is left', async () => {
  await fc.assert(
    fc.asyncProperty(fates, clearings, steps, async (list, cleared, script) => {
      const clock = new FakeClock();
      const ledgers = new Trouble(clock);
      ledgers.fates = [...list];
      const clearing = [...cleared];
      const base = createMemoryStore({ clock });
      const store: Store = { ...base, memberships: withClearing(base.memberships, clock, () => clearing.shift() ?? 'ok') };
      for (const id of places) {
        const owned = { created_by: member, owner_id: member, handed_over_by: null, ledger_rev: 1 };
        await base.communities.insert({ id, kind: 'community', ...text, ...owned, ...dates });
      }
      let epoch = 1;
      let owner = new CopyingOwner(clock, epoch, ledgers, store);
      const take = (): void => {
        owner.context.isLost = true;
        owner = new CopyingOwner(clock, ++epoch, ledgers, store);
      };
      for (const step of script) {
        if (step.do === 'write') {
          const community_id = places[step.place]!;
          const before = await base.memberships.get(community_id, member);
          const ids = { community_id, member_id: member, version: (before?.version ?? 0) + 1 };
          const state = step.leaves ? 'left' : 'active';
          await base.memberships.put({ ...ids, roles: [], state, joined_at: 0, muted_until: step.until });
          if (step.hint) owner.copies.hint('membership');
        } else if (step.do === 'delete') {
          await base.communities.update(places[step.place]!, { deleted_at: 1 });
          await base.memberships.removeByCommunity(places[step.place]!);
        } else if (step.do === 'hand_over') {
          const community = (await base.communities.byId(places[step.place]!))!;
          const given = projectionOf({ ...community, owner_id: 'f'.repeat(24), handed_over_by: member });
          await base.communities.apply(community.id, community.ledger_rev + 1, given, { owner_before: member });
          await base.memberships.markUntold(community.id, [member]);
        } else if (step.do === 'hint') owner.copies.hint('membership');
        else if (step.do === 'take_over') take();
        else if (step.do === 'land') await ledgers.land();
        else if (step.do === 'wait') await clock.advance(step.ms);
      }
      ledgers.fates = [];
      clearing.length = 0;
      await ledgers.land();
      // The sweep, as often as it takes.
      for (let i = 0; i < 3; i++) {
        await clock.advance(30_000);
        for (const id of (await base.memberships.untoldMembers(clock.now(), undefined, 100)) ?? []) {
          expect(id).toBe(member);
          owner.copies.hint('membership');
        }
      }
      await clock.advance(2_000);
      expect(await base.memberships.untold(member, 10)).toEqual([]);
      const expected = new Map<string, unknown>();
      for (const id of places) {
        const [community, record] = [(await base.communities.byId(id))!, await base.memberships.get(id, member)];
        if (record?.state === 'active' && community.deleted_at === null) expected.set(id, toOwnMembership(community, record));
      }
      expect(await owner.ledger.itemsOf('membership', places)).toEqual(expected);
    }),
    { numRuns: 400 },
  );
}, 60_000);

import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { type InviteRecord, invites, inviteUses } from '../../../src/features/invites/collection.js';
import { isLiving } from '../../../src/features/invites/policy.js';
import { shown } from '../../../src/features/invites/shown.js';
import type { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import type { Collection } from '../../../src/store/collection.js';
import type { LedgerCommit, LedgerRepository, Store } from '../../../src/store/contracts.js';
import { Owners } from './owners.js';

/**
 * What becomes of a write: it is done; it is lost; it is done and no answer comes; it lands a while later, and no
 * answer comes.
 */
type Fate = 'ok' | 'lost' | 'unseen' | 'late';

type Step =
  | { do: 'create'; uses: number | null; ends: boolean; by: number }
  | { do: 'use' | 'revoke'; which: number; by: number }
  | { do: 'sync'; by: number }
  | { do: 'take_over'; dies: boolean }
  | { do: 'land' }
  | { do: 'wait'; ms: number };

const by = fc.nat(1);
const steps = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ do: fc.constant('create'), uses: fc.constantFrom(null, 1, 3), ends: fc.boolean(), by }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('use', 'use', 'use', 'revoke'), which: fc.nat(4), by }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('sync'), by }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('take_over'), dies: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('land') }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(100, 2_100, 9_000) }) },
  ),
  { minLength: 1, maxLength: 40, size: 'max' },
) as fc.Arbitrary<Step[]>;
const fates = fc.array(fc.constantFrom<Fate>('ok', 'ok', 'ok', 'lost', 'unseen', 'late'), { maxLength: 40, size: 'max' });

const unknown = (): never => {
  throw new Fault('timeout', 'The store did not answer');
};

/** No write lands later than that. */
const lateMs = 20_000;

class Trouble {
  fates: Fate[] = [];
  #late: (() => Promise<unknown>)[] = [];

  constructor(private readonly clock: FakeClock) {}

  async land(): Promise<void> {
    for (const write of this.#late.splice(0)) await write();
  }

  async #through<T>(write: () => Promise<T>, isUnknown: () => T): Promise<T> {
    const fate = this.fates.shift() ?? 'ok';
    if (fate === 'ok') return write();
    if (fate === 'unseen') await write();
    if (fate === 'late') {
      this.#late.push(write);
      this.clock.after(lateMs, () => void this.land());
    }
    return isUnknown();
  }

  readonly around = (store: Store): Partial<Store> => ({
    ledgers: new Proxy(store.ledgers, {
      get: (target, name) => {
        const own = Reflect.get(target, name) as (...given: unknown[]) => unknown;
        if (name !== 'append') return own.bind(target);
        return (commits: readonly LedgerCommit[]) => {
          const isOurs = commits.some(({ ledger }) => ledger.endsWith('manage_invites'));
          if (!isOurs) return target.append(commits);
          return this.#through(
            () => target.append(commits),
            () => commits.map(() => 'unknown' as const),
          );
        };
      },
    }) as LedgerRepository,
    collection: ((definition: never) => {
      const real = store.collection(definition) as unknown as Collection<typeof invites>;
      if (![invites, inviteUses].includes(definition)) return real;
      return new Proxy(real, {
        get: (target, name) => {
          const own = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown>;
          if (name !== 'insert' && name !== 'update') return own.bind(target);
          return (...given: unknown[]) => this.#through(() => Reflect.apply(own, target, given), unknown);
        },
      });
    }) as Store['collection'],
  });
}

it('whatever is lost, crashes or lands late, the ledger never goes back, and is what is stored when somebody asks', async () => {
  await fc.assert(
    fc.asyncProperty(fates, steps, fc.boolean(), async (list, script, stays) => {
      const owners = await new Owners().open();
      const trouble = new Trouble(owners.clock);
      trouble.fates = [...list];
      /** The second one believes that it owns the community after the other has taken over, until it dies. */
      let nodes: LocalActorSystem[] = [owners.node(trouble.around)];
      const { clock, store, community } = owners;
      const during = async (asked: Promise<unknown>): Promise<unknown> => {
        let isOver = false;
        const over = (): void => {
          isOver = true;
        };
        asked.then(over, over);
        for (let i = 0; i < 200 && !isOver; i++) await clock.advance(100);
        return asked.catch((error: unknown) => {
          if (!['timeout', 'unavailable', 'not_found', 'conflict'].includes(Fault.from(error).code)) throw error;
        });
      };
      const records = (): Promise<InviteRecord[]> =>
        store.collection(invites).find('newest', { where: { community_id: community }, limit: 500 });
      for (const step of script) {
        const node = 'by' in step ? (nodes[step.by] ?? nodes[0]!) : nodes[0]!;
        if (step.do === 'create') await during(owners.invite(node, step.uses, step.ends ? 20 : null));
        else if (step.do === 'use' || step.do === 'revoke') {
          const all = await records();
          const invite = all[step.which % Math.max(1, all.length)];
          if (!invite) continue;
          if (step.do === 'use') await during(owners.accept(node, newId(9), invite));
          else await during(owners.ask(node, owners.owner, 'revoke', { invite_id: invite.id }));
        } else if (step.do === 'sync') await during(owners.sync(node));
        else if (step.do === 'take_over') {
          const [before] = nodes;
          if (step.dies) await before!.catalog.evacuate(() => true, 'lost');
          nodes = [owners.node(trouble.around), ...(step.dies ? [] : [before!])];
          const next = nodes;
          // Nobody believes in a slot that is another's for longer, and nothing that they wrote lands later.
          clock.after(lateMs, () => {
            if (next.length > 1) void next.splice(1)[0]!.catalog.evacuate(() => true, 'lost');
            void trouble.land();
          });
        } else if (step.do === 'land') await trouble.land();
        else if (step.do === 'wait') await clock.advance(step.ms);
      }
      trouble.fates = [];
      for (const node of nodes.slice(1)) await node.catalog.evacuate(() => true, 'lost');
      // Who goes on knows what it did not hear the end of; who takes over looks again for half a minute.
      const last = stays ? nodes[0]! : owners.node();
      await during(owners.sync(last));
      await clock.advance(30_000);
      const { items } = (await during(owners.sync(last))) as Awaited<ReturnType<Owners['sync']>>;

      const expected = new Map<string, unknown>();
      for (const record of await records()) {
        const uses = (await owners.uses(record)).length;
        if (isLiving(record, uses, clock.now())) expected.set(record.id, shown(null, { record, uses }));
      }
      expect(new Map(items.flatMap((item) => ('value' in item ? [[item.key, item.value]] : [])))).toEqual(expected);
      const known = new Map<string, number>();
      for (const { changes } of await store.ledgers.commitsAfter(`community:${community}:manage_invites`, 0, 10_000)) {
        for (const change of changes) {
          const uses = 'value' in change ? (change.value as { uses: number }).uses : Number.POSITIVE_INFINITY;
          expect(uses).toBeGreaterThanOrEqual(known.get(change.key) ?? 0);
          known.set(change.key, uses);
        }
      }
      await owners.close();
    }),
    { numRuns: 300 },
  );
}, 120_000);

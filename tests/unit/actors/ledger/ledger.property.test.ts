import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SyncAnswer, SyncAsk } from '../../../../src/actors/ledger/sync.js';
import { FakeClock } from '../../../../src/kernel/clock.js';
import type { LedgerItem } from '../../../../src/protocol/ledgers.js';
import type { LedgerCommit } from '../../../../src/store/contracts.js';
import { type Fate, Owner, Trouble } from './stage.js';

type Step =
  | { do: 'commit'; key: number; op: number; deletes: boolean; pair: boolean }
  | { do: 'wait'; ms: number }
  | { do: 'sync'; device: number }
  | { do: 'fail' | 'heal' }
  | { do: 'take_over' };

const fates = fc.array(fc.constantFrom<Fate>('ok', 'ok', 'ok', 'slow', 'unseen', 'lost', 'delayed', 'overtaken'), {
  maxLength: 40,
  size: 'max',
});
const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('commit' as const),
        key: fc.nat(4),
        op: fc.nat(30),
        deletes: fc.boolean(),
        pair: fc.boolean(),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(5, 600, 20_000) }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('sync' as const), device: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('fail' as const, 'heal' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('take_over' as const) }) },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
) as fc.Arbitrary<Step[]>;

const nameOf = ({ kind, key }: { kind: string; key: string }): string => `${kind} ${key}`;

/** Items as commits leave them, up to a rev. */
const sumOf = (commits: readonly LedgerCommit[], upTo: number): Map<string, unknown> => {
  const items = new Map<string, unknown>();
  for (const { rev, changes } of commits) {
    if (rev > upTo) break;
    for (const change of changes) {
      if ('value' in change) items.set(nameOf(change), change.value);
      else items.delete(nameOf(change));
    }
  }
  return items;
};

/** A device: what it knows, by pages alone. */
class Device {
  readonly items = new Map<string, unknown>();
  rev = -1;

  async sync(ask: (ask: SyncAsk) => Promise<SyncAnswer>): Promise<void> {
    let answer = await ask(this.rev < 0 ? {} : { after_rev: this.rev });
    for (;;) {
      if (answer.reset) this.items.clear();
      for (const item of answer.items) this.#take(item);
      this.rev = answer.rev;
      if (answer.next) answer = await ask({ from: answer.next });
      else if (this.rev < answer.head_rev) answer = await ask({ after_rev: this.rev });
      else return;
    }
  }

  #take(item: LedgerItem): void {
    if ('value' in item) this.items.set(nameOf(item), item.value);
    else this.items.delete(nameOf(item));
  }
}

it('whatever becomes of writes: revs are contiguous, an attempt commits once, and who was told of a head knows all below it', async () => {
  await fc.assert(
    fc.asyncProperty(fates, steps, async (list, script) => {
      const clock = new FakeClock();
      const store = new Trouble(clock);
      store.fates = [...list];
      const name = 'me:65f000000000000000000001';
      let epoch = 1;
      let owner = new Owner(name, clock, epoch, store);
      const devices = [new Device(), new Device(), new Device()];
      /** Of every head that somebody was told, what they knew then. */
      const told: { rev: number; items: Map<string, unknown> }[] = [];
      const acknowledged: { op: string; commit: LedgerCommit }[] = [];
      const under: Promise<unknown>[] = [];
      const sync = async (device: Device): Promise<void> => {
        const { ledger } = owner;
        await device.sync((ask) => owner.sync(ask));
        if (owner.ledger === ledger) told.push({ rev: device.rev, items: new Map(device.items) });
      };
      for (const [at, step] of script.entries()) {
        if (step.do === 'commit') {
          const [mine, op] = [owner, `op${step.op}`];
          const change = (key: string) => (step.deletes ? { kind: 'k', key, deleted: true as const } : { kind: 'k', key, value: at });
          const changes = [change(`${step.key}`), ...(step.pair ? [change(`${step.key + 10}`)] : [])];
          const commit = mine.turn(() => mine.ledger.commit(() => ({ by: null, operation: 'put', op_id: op, changes })));
          under.push(commit.then((done) => acknowledged.push({ op, commit: done!.commit })).catch(() => undefined));
        } else if (step.do === 'wait') {
          await clock.advance(step.ms);
          if (step.ms > 1_000) await store.land();
        } else if (step.do === 'sync') under.push(sync(devices[step.device]!).catch(() => undefined));
        else if (step.do === 'take_over') {
          owner.context.isLost = true;
          owner = new Owner(name, clock, ++epoch, store);
          const next = owner;
          for (const ms of [4_000, 12_000, 25_000])
            clock.after(ms, () => void next.turn(() => next.ledger.lookAgain()).catch(() => undefined));
        } else store.failing = step.do === 'fail';
        await clock.advance(1);
      }
      store.fates = [];
      store.failing = false;
      // What is under way in the store lands within seconds, and is found within half a minute.
      await clock.advance(2_000);
      await store.land();
      await clock.advance(60_000);
      await Promise.all(under);
      for (const device of devices) await sync(device);
      const fresh = new Device();
      await fresh.sync((ask) => owner.sync(ask));

      const commits = await store.base.commitsAfter(name, 0, 1_000);
      expect(commits.map(({ rev }) => rev)).toEqual(commits.map((_, i) => i + 1));
      const ops = commits.flatMap(({ op_id }) => (op_id === null ? [] : [op_id]));
      expect(new Set(ops).size).toBe(ops.length);
      for (const { op, commit } of acknowledged) expect(commits.find(({ op_id }) => op_id === op)).toEqual(commit);
      for (const { rev, items } of told) expect(items).toEqual(sumOf(commits, rev));
      for (const device of [fresh, ...devices]) expect(device.items).toEqual(sumOf(commits, Number.POSITIVE_INFINITY));
      expect(owner.committed.map(({ rev }) => rev)).toEqual(owner.committed.map((_, i) => owner.committed[0]!.rev + i));
    }),
    { numRuns: 400 },
  );
}, 60_000);

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nameOf } from '../../../src/client/ledgers/items.js';
import { MemoryLedgerStore } from '../../../src/client/ledgers/ledger-store.js';
import { Ledgers } from '../../../src/client/ledgers/ledgers.js';
import { Fault } from '../../../src/kernel/errors.js';
import { communityLedger, FakePort, FakeServer } from './fake-port.js';
import type { Change } from './ledger-model.js';

const names = ['me', communityLedger(1), communityLedger(2)];
const name = fc.constantFrom(...names);
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('setting', 'role'),
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  value: fc.option(fc.nat({ max: 9 }), { freq: 3 }),
});
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      name,
      changes: fc.array(change, { minLength: 1, maxLength: 3 }),
      isLost: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 7, 15, 400, 1_500) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('connect' as const), online: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hint' as const), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('floor' as const), name, by: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const), lost: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), code: fc.constantFrom('timeout', 'overloaded' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('later' as const), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('follow' as const), name, anew: fc.boolean() }) },
  // The client ends with or without a last word, and another one begins on what is stored.
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const), crash: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Fails whoever is told of too little: what was shown can be kept up by what one hears alone. */
class Shown {
  readonly #items = new Map<string, string>();
  readonly #ledgers: Ledgers;

  constructor(ledgers: Ledgers) {
    this.#ledgers = ledgers;
    ledgers.onChange(({ ledger, items }) => {
      const now = ledgers.state(ledger);
      for (const item of items) {
        const held = now.items(item.kind).get(item.key);
        if (held) this.#items.set(`${ledger} ${nameOf(item)}`, JSON.stringify(held));
        else this.#items.delete(`${ledger} ${nameOf(item)}`);
      }
    });
  }

  isAll(): void {
    const all = names.flatMap((ledger) =>
      ['setting', 'role'].flatMap((kind) =>
        [...this.#ledgers.state(ledger).items(kind).values()].map((item) => [`${ledger} ${nameOf(item)}`, JSON.stringify(item)] as const),
      ),
    );
    expect(new Map([...this.#items].sort())).toEqual(new Map(all.sort()));
  }
}

class World {
  readonly server: FakeServer;
  readonly #kept = new MemoryLedgerStore();
  port!: FakePort;
  ledgers!: Ledgers;
  shown!: Shown;
  #unfollow = new Map<string, () => void>();

  constructor(page: number, byCommits: boolean) {
    this.server = new FakeServer({ page, byCommits });
    for (const each of names) this.server.model(each);
    this.start();
  }

  start(): void {
    this.port = new FakePort(this.server, this.#kept);
    this.ledgers = new Ledgers(this.port);
    this.shown = new Shown(this.ledgers);
    this.#unfollow = new Map(names.map((each) => [each, this.ledgers.follow(each)]));
  }

  async carryOut(one: Step): Promise<void> {
    const { server, port } = this;
    if (one.do === 'commit') server.commit(one.name, one.changes, one.isLost);
    else if (one.do === 'wait') await server.clock.advance(one.ms);
    else if (one.do === 'connect') port.connect(one.online);
    else if (one.do === 'hint') server.tell({ ...server.model(one.name).hint(), ledger: one.name });
    else if (one.do === 'floor') server.model(one.name).raiseFloor(one.by);
    else if (one.do === 'fail') port.fail.push(new Fault(one.code as 'timeout'));
    else if (one.do === 'later') port.later.push(one.name);
    else if (one.do === 'restore') {
      port.connect(false);
      server.restore(one.lost);
      port.connect(true);
    } else if (one.do === 'follow') {
      this.#unfollow.get(one.name)!();
      if (one.anew) await server.clock.advance(0);
      this.#unfollow.set(one.name, this.ledgers.follow(one.name));
    } else {
      if (one.crash) port.memberId = null;
      else this.ledgers.close();
      port.connect(false);
      await server.clock.advance(0);
      this.start();
    }
  }
}

describe('ledgers of a connection, whatever becomes of it', () => {
  it('equal a fresh fetch once all is quiet, in memory and in the store', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.array(step, { maxLength: 40 }), async (page, byCommits, steps) => {
        const world = new World(page, byCommits);
        for (const one of steps) await world.carryOut(one);
        world.port.connect(false);
        world.port.connect(true);
        await world.server.clock.advance(120_000);
        for (const each of names) {
          const model = world.server.model(each);
          const state = world.ledgers.state(each);
          expect([each, state.status, state.rev]).toEqual([each, 'current', model.head]);
          const held = ['setting', 'role'].flatMap((kind) => [...state.items(kind).values()]);
          const byName = (a: { kind: string; key: string }, b: { kind: string; key: string }): number => (nameOf(a) < nameOf(b) ? -1 : 1);
          expect(held.sort(byName)).toEqual(model.live().sort(byName));
          const stored = await world.port.kept.load(each);
          expect([stored?.rev, [...(stored?.items ?? [])].sort(byName)]).toEqual([model.head, model.live().sort(byName)]);
        }
        world.shown.isAll();
        world.ledgers.close();
      }),
      { numRuns: 500 },
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allOf, nameOf } from '../../../src/client/ledgers/items.js';
import {
  askOf,
  emptyLedger,
  isBehind,
  isWhole,
  type LedgerAction,
  type LedgerState,
  nextLedger,
} from '../../../src/client/ledgers/ledger-state.js';
import type { LedgerChanged, LedgerPage } from '../../../src/protocol/ledgers.js';
import { type Change, LedgerModel, windowed, windowedKind } from './ledger-model.js';

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('setting', 'role', windowedKind),
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  value: fc.option(fc.nat({ max: 9 }), { freq: 3 }),
});
const commits = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { maxLength: 20, size: 'max' });
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('commit' as const), changes: fc.array(change, { minLength: 1, maxLength: 3 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('change' as const), changes: fc.array(change, { minLength: 1, maxLength: 3 }) }) },
  // One of the newest events, once more or for the first time; what is never chosen is lost.
  { weight: 8, arbitrary: fc.record({ do: fc.constant('deliver' as const), back: fc.nat({ max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('coalesced' as const), of: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hint' as const), back: fc.nat({ max: 2 }) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('ask' as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('answer' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('page' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('afresh' as const, 'gone' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('floor' as const), by: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const), lost: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reconnect' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A device and what is on its way to it. */
class Device {
  state: LedgerState = emptyLedger;
  readonly #model: LedgerModel;
  /** Events that were sent over this connection. */
  readonly sent: LedgerChanged[] = [];
  /** An answer that the server has read, and that has not arrived. */
  #underWay: LedgerAction | null = null;
  /** The highest head that events of this connection have told of. */
  #heard = -1;
  /** Snapshots that began in this history. */
  resets = 0;
  /** Where the last one began; what it told of, or was held already. */
  start = -1;
  readonly told = new Set<string>();

  constructor(model: LedgerModel) {
    this.#model = model;
  }

  take(action: LedgerAction): void {
    const before = this.state;
    const { state, changed } = nextLedger(before, action, windowed);
    this.state = state;
    const isReset = action.type === 'page' && action.page.reset && action.asked.cursor === null;
    if (action.type === 'page' && isReset) {
      this.resets++;
      this.start = action.page.rev;
      this.told.clear();
      // What is of the same line and has not changed stays, whether the snapshot names it or not.
      if (before.history === action.history && before.rev <= action.page.head_rev)
        for (const item of this.#model.live())
          if (before.items.get(item.kind)?.get(item.key)?.rev === item.rev) this.told.add(nameOf(item));
    }
    if (action.type === 'page' && (isReset || action.asked.cursor !== null))
      for (const item of action.page.items) this.told.add(nameOf(item));
    this.#tellsOfEveryChange(before, changed.map(nameOf));
    if (!isReset) this.#neverGoesBack(before);
    this.#isTrueUpToRev();
    if (action.type === 'gone') this.#heard = -1;
    if (state.headRev < this.#heard) throw new Error(`a head of ${this.#heard} was forgotten`);
  }

  hear({ ledger: _, ...event }: LedgerChanged): void {
    this.#heard = Math.max(this.#heard, event.head_rev);
    this.take({ type: 'event', ...event });
  }

  ask(): void {
    if (this.#underWay) return;
    this.take({ type: 'asked' });
    const asked = askOf(this.state);
    const { history, ...page }: LedgerPage & { history: string } = this.#model.answer(asked, this.state.history);
    this.#underWay = { type: 'page', asked, page, history };
  }

  answer(): void {
    const answer = this.#underWay;
    this.#underWay = null;
    if (answer) this.take(answer);
  }

  reconnect(): void {
    this.#underWay = null;
    this.sent.length = 0;
    this.#heard = -1;
    if (this.state.snapshot) this.take({ type: 'afresh' });
  }

  /** One request at the least, and more while there is something to ask for. */
  sync(): void {
    this.answer();
    let requests = 0;
    do {
      if (++requests > 200) throw new Error('catching up does not end');
      this.ask();
      this.answer();
    } while (isBehind(this.state));
  }

  #tellsOfEveryChange(before: LedgerState, changed: readonly string[]): void {
    const [then, now] = [before, this.state].map(({ items }) => new Map(allOf(items).map((item) => [nameOf(item), item])));
    for (const name of new Set([...then!.keys(), ...now!.keys()])) {
      const same = JSON.stringify(then!.get(name)) === JSON.stringify(now!.get(name));
      if (!same && !changed.includes(name)) throw new Error(`nobody was told of ${name}`);
    }
  }

  #neverGoesBack(before: LedgerState): void {
    if (this.state.rev >= 0 && this.state.rev < before.rev) throw new Error('the rev went back');
    for (const item of allOf(this.state.items)) {
      const held = before.items.get(item.kind)?.get(item.key);
      if (held && held.rev > item.rev && this.state.history === before.history) throw new Error(`${nameOf(item)} went back`);
    }
  }

  /** Promise 6: whatever has not changed after `rev` is as it is on the server. */
  #isTrueUpToRev(): void {
    const { rev, history, items } = this.state;
    if (!isWhole(this.state) || history !== this.#model.history) return;
    for (const item of this.#model.truth.values()) {
      if (item.rev > rev || windowed.has(item.kind)) continue;
      const held = items.get(item.kind)?.get(item.key);
      const isRight = 'deleted' in item ? held === undefined : held?.rev === item.rev && held.value === item.value;
      if (!isRight) throw new Error(`at ${rev}, ${JSON.stringify(item)} is held as ${JSON.stringify(held)}`);
    }
  }
}

const carryOut = (model: LedgerModel, device: Device, one: Step): void => {
  switch (one.do) {
    case 'commit':
      device.sent.push(model.commit(one.changes));
      return;
    case 'change':
      device.sent.push(model.commit(one.changes));
      device.hear(device.sent.at(-1)!);
      return;
    case 'deliver': {
      const event = device.sent.at(-1 - one.back);
      if (event) device.hear(event);
      return;
    }
    case 'coalesced':
      device.sent.push(model.event(Math.max(model.floor, model.head - one.of)));
      return;
    case 'hint':
      device.sent.push(model.hint(one.back));
      return;
    case 'page':
      device.answer();
      device.ask();
      device.answer();
      return;
    case 'afresh':
    case 'gone':
      device.take({ type: one.do });
      return;
    case 'ask':
      device.ask();
      return;
    case 'answer':
      device.answer();
      return;
    case 'floor':
      model.raiseFloor(one.by);
      return;
    case 'restore':
      // No connection outlives it.
      model.restore(one.lost);
      device.reconnect();
      device.resets = 0;
      return;
    case 'reconnect':
      device.reconnect();
  }
};

const sorted = <T extends { kind: string; key: string }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));

const manner = fc.record({
  page: fc.integer({ min: 1, max: 4 }),
  window: fc.integer({ min: 1, max: 3 }),
  byCommits: fc.boolean(),
  resetsEach: fc.boolean(),
});

describe('ledger state, whatever becomes of the events', () => {
  it('equals a fresh fetch after one sync, with commits, events, pages, snapshots, floors and restores in any order', () => {
    fc.assert(
      fc.property(manner, commits, fc.array(step, { maxLength: 60, size: 'max' }), (how, before, steps) => {
        const model = new LedgerModel(how);
        for (const changes of before) model.commit(changes);
        const device = new Device(model);
        for (const one of steps) carryOut(model, device, one);
        device.sync();
        const { state } = device;
        expect([state.rev, state.headRev, state.history, state.ghosts.size]).toEqual([model.head, model.head, model.history, 0]);
        const fresh = model.live();
        const held = allOf(state.items);
        const isPlain = ({ kind }: { kind: string }): boolean => !windowed.has(kind);
        expect(sorted(held.filter(isPlain))).toEqual(sorted(fresh.filter(isPlain)));
        // Of a windowed kind: what a snapshot told of or found here, and what has changed since.
        for (const item of fresh)
          if (item.rev > device.start || device.told.has(nameOf(item))) expect(state.items.get(item.kind)?.get(item.key)).toEqual(item);
        // What is held of a windowed kind beyond that is there still, unless it went below a floor that a snapshot has skipped.
        if (device.resets <= 1) for (const item of held) expect(fresh).toContainEqual(item);
      }),
      { numRuns: 3_000 },
    );
  });

  it('equals it with events alone, when every one comes in order', () => {
    fc.assert(
      fc.property(manner, commits, (how, all) => {
        const model = new LedgerModel(how);
        const device = new Device(model);
        device.sync();
        for (const changes of all) device.hear(model.commit(changes));
        expect(isBehind(device.state)).toBe(false);
        expect(sorted(allOf(device.state.items))).toEqual(sorted(model.live()));
      }),
    );
  });
});

describe('ledger state', () => {
  const device = (): { model: LedgerModel; at: Device } => {
    const model = new LedgerModel({ page: 10, window: 3, byCommits: false, resetsEach: true });
    model.commit([{ kind: 'setting', key: 'a', value: 1 }]);
    const at = new Device(model);
    at.sync();
    return { model, at };
  };

  it('knows nothing at first, and asks for all', () => {
    expect([isBehind(emptyLedger), askOf(emptyLedger)]).toEqual([true, { after_rev: null, cursor: null }]);
  });

  it('has something to ask for when an event was missed, or only a head was told of', () => {
    const { model, at } = device();
    model.commit([{ kind: 'setting', key: 'a', value: 2 }]);
    at.hear(model.hint());
    expect([isBehind(at.state), askOf(at.state)]).toEqual([true, { after_rev: 1, cursor: null }]);
  });

  it('keeps kinds and fields that it does not know', () => {
    const { at } = device();
    const item = { kind: 'from_the_future', key: 'k', rev: 2, value: { deep: [1] }, colour: 'red' };
    at.take({ type: 'event', after_rev: 1, head_rev: 2, items: [item] });
    expect(at.state.items.get('from_the_future')?.get('k')).toEqual(item);
  });

  it('drops all when the ledger is gone, and when the history is another', () => {
    for (const action of [{ type: 'gone' }, { type: 'history', history: 'f'.repeat(24) }] as const) {
      const { state, changed } = nextLedger(device().at.state, action);
      expect([state.rev, state.items.size, changed]).toEqual([-1, 0, [{ kind: 'setting', key: 'a' }]]);
    }
  });

  it('lets a reset say what is, though what was held is newer', () => {
    const { at } = device();
    const { state: afresh } = nextLedger(at.state, { type: 'afresh' });
    const older = { kind: 'setting', key: 'a', rev: 0, value: 'older' };
    const page: LedgerPage = { items: [older], rev: 0, head_rev: 0, reset: true, next_cursor: null };
    const { state } = nextLedger(afresh, { type: 'page', asked: askOf(afresh), page, history: afresh.history! });
    expect(allOf(state.items)).toEqual([older]);
  });

  it('trusts no server that knows less than before and does not say so', () => {
    const { at } = device();
    const page: LedgerPage = { items: [], rev: 0, head_rev: 0, reset: false, next_cursor: null };
    const { state } = nextLedger(at.state, { type: 'page', asked: askOf(at.state), page, history: at.state.history! });
    expect(askOf(state)).toEqual({ after_rev: null, cursor: null });
  });
});

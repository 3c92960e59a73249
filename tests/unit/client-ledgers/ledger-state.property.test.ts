import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allOf, nameOf } from '../../../src/client/ledgers/items.js';
import { askOf, emptyLedger, isBehind, nextLedger } from '../../../src/client/ledgers/ledger-state.js';
import type { LedgerPage } from '../../../src/protocol/ledgers.js';
import { LedgerDevice } from './ledger-device.js';
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

const carryOut = (model: LedgerModel, device: LedgerDevice, one: Step): void => {
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
        const device = new LedgerDevice(model);
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
        const device = new LedgerDevice(model);
        device.sync();
        for (const changes of all) device.hear(model.commit(changes));
        expect(isBehind(device.state)).toBe(false);
        expect(sorted(allOf(device.state.items))).toEqual(sorted(model.live()));
      }),
    );
  });
});

describe('ledger state', () => {
  const device = (): { model: LedgerModel; at: LedgerDevice } => {
    const model = new LedgerModel({ page: 10, window: 3, byCommits: false, resetsEach: true });
    model.commit([{ kind: 'setting', key: 'a', value: 1 }]);
    const at = new LedgerDevice(model);
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

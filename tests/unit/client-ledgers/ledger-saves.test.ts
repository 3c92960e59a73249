import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LedgerDelta } from '../../../src/client/ledgers/ledger-delta.js';
import { LedgerSaves, saveMs } from '../../../src/client/ledgers/ledger-saves.js';
import { emptyLedger, type LedgerAction, type LedgerState, nextLedger } from '../../../src/client/ledgers/ledger-state.js';
import { MemoryLedgerStore } from '../../../src/client/ledgers/ledger-store.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { held, setting, whole } from './store-cases.js';

/** Records what it is asked to write. */
class Recorder extends MemoryLedgerStore {
  readonly saves: LedgerDelta[] = [];
  failures = 0;
  silent = false;

  override async load(ledger: string) {
    return this.silent ? new Promise<null>(() => undefined) : super.load(ledger);
  }

  override async save(delta: LedgerDelta): Promise<boolean> {
    this.saves.push(delta);
    if (this.failures-- > 0) throw new Error('the disk is full');
    return super.save(delta);
  }
}

const history = 'a'.repeat(24);
let clock: FakeClock;
let store: Recorder;
let saves: LedgerSaves;
let state: LedgerState;
let isSignedIn: boolean;
beforeEach(() => {
  clock = new FakeClock();
  store = new Recorder();
  isSignedIn = true;
  saves = new LedgerSaves({ clock, store, stateOf: () => state, mayWrite: () => isSignedIn });
  state = nextLedger(emptyLedger, { type: 'delta', delta: whole('me', 1, [setting('a', 1), setting('b', 1)]) }).state;
});

const take = (action: LedgerAction): void => {
  const step = nextLedger(state, action);
  state = step.state;
  saves.note('me', step.changed);
};
const event = (rev: number, key: string): void => take({ type: 'event', after_rev: rev - 1, head_rev: rev, items: [setting(key, rev)] });

describe('saves of ledgers', () => {
  it('writes all at first, then what has changed within a second', async () => {
    saves.note('me', []);
    await clock.advance(saveMs);
    event(2, 'a');
    event(3, 'c');
    event(4, 'a');
    await clock.advance(saveMs - 1);
    expect(store.saves).toHaveLength(1);
    await clock.advance(1);
    expect(store.saves.map(({ after, rev, put }) => [after?.rev ?? null, rev, put.map(({ key }) => key)])).toEqual([
      [null, 1, ['a', 'b']],
      [1, 4, ['a', 'c']],
    ]);
    expect(await held(store, 'me')).toEqual([4, 'a4', 'b1', 'c3']);
  });

  it('goes on from what was loaded', async () => {
    await store.save(whole('me', 1, [setting('a', 1), setting('b', 1)]));
    expect(await saves.load('me')).toMatchObject({ rev: 1 });
    saves.isKept('me', { rev: 1, history });
    event(2, 'a');
    await saves.flush();
    expect(store.saves.at(-1)).toMatchObject({ after: { rev: 1, history }, rev: 2, put: [{ key: 'a' }] });
  });

  it('writes all after a write has failed, or the store has lost it', async () => {
    saves.note('me', []);
    await saves.flush();
    store.failures = 2;
    event(2, 'a');
    await saves.flush();
    expect(await held(store, 'me')).toEqual([1, 'a1', 'b1']);
    store.failures = 0;
    event(3, 'b');
    await saves.flush();
    expect(await held(store, 'me')).toEqual([3, 'a2', 'b3']);
    await store.drop('me');
    event(4, 'b');
    await saves.flush();
    expect(await held(store, 'me')).toEqual([4, 'a2', 'b4']);
  });

  it('keeps the older whole state while a snapshot is under way', async () => {
    saves.note('me', []);
    await saves.flush();
    const page = { items: [setting('z', 5)], rev: 9, head_rev: 9, reset: true };
    const asked = { after_rev: 1, cursor: null };
    take({ type: 'page', asked, page: { ...page, next_cursor: 'more' }, history });
    await saves.flush();
    expect(await held(store, 'me')).toEqual([1, 'a1', 'b1']);
    take({ type: 'page', asked: { after_rev: null, cursor: 'more' }, page: { ...page, items: [], next_cursor: null }, history });
    await saves.flush();
    expect(await held(store, 'me')).toEqual([9, 'z5']);
  });

  it('writes nothing for whoever has signed out', async () => {
    saves.note('me', []);
    isSignedIn = false;
    await saves.flush();
    expect(store.saves).toEqual([]);
  });

  it('does not wait for a store that does not answer', async () => {
    store.silent = true;
    const loaded = saves.load('me');
    await clock.advance(10_000);
    expect(await loaded).toBeNull();
  });

  it('writes what waits when it is closed, and begins no write afterwards', async () => {
    event(2, 'a');
    saves.close();
    await clock.advance(0);
    event(3, 'a');
    await clock.advance(2 * saveMs);
    expect(await held(store, 'me')).toEqual([2, 'a2', 'b1']);
  });
});

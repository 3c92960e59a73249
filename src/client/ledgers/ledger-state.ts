import type { LedgerChanged, LedgerItem, LedgerPage } from '../../protocol/ledgers.js';
import { type ItemName, type Items, ItemsDraft, isLive, nameOf, noItems, windowedKinds } from './items.js';
import type { LedgerDelta } from './ledger-delta.js';

/** A snapshot that is under way: the server reads it page by page, each as things stand then. */
interface Snapshot {
  /** The head when it began. */
  readonly start: number;
  readonly cursor: string;
  /** What its pages, and events since, have told of; the rest of `items` is from before. */
  readonly seen: ReadonlySet<string>;
}

/** What is known of one ledger: a value, replaced with each change. */
export interface LedgerState {
  /** Every change up to here is in `items`; -1: nothing is known for certain. While a snapshot is under way it is not whole yet. */
  readonly rev: number;
  /** The life of the server's store under which `rev` counts; null until something is known. */
  readonly history: string | null;
  /** The highest head heard of; above `rev` there is something to ask for. */
  readonly headRev: number;
  /** The highest head that events have told of since the request that is under way was sent. */
  readonly heardRev: number;
  readonly items: Items;
  readonly snapshot: Snapshot | null;
  /** By name, at which rev items went that an older page might bring back. */
  readonly ghosts: ReadonlyMap<string, number>;
}

/** What a request said that one knows. */
export interface LedgerAsk {
  /** Null: nothing. */
  readonly after_rev: number | null;
  /** Of the snapshot that goes on; null: none does. */
  readonly cursor: string | null;
}

export type LedgerAction =
  /** A request is sent now. */
  | { type: 'asked' }
  | { type: 'page'; asked: LedgerAsk; page: LedgerPage; history: string }
  | ({ type: 'event' } & Pick<LedgerChanged, 'after_rev' | 'head_rev' | 'items'>)
  /** What is kept is not to be trusted, or a snapshot broke off: all of it is asked for again. What is known is shown until then. */
  | { type: 'afresh' }
  /** The server has no such ledger, or none for this member. */
  | { type: 'gone' }
  /** The store's life as the server names it now. */
  | { type: 'history'; history: string }
  /** From what was stored, or from the tab that asks for all. */
  | { type: 'delta'; delta: LedgerDelta };

export interface LedgerStep {
  readonly state: LedgerState;
  /** Items that are other than before, or gone. */
  readonly changed: readonly ItemName[];
}

export const emptyLedger: LedgerState = {
  rev: -1,
  history: null,
  headRev: -1,
  heardRev: -1,
  items: noItems,
  snapshot: null,
  ghosts: new Map(),
};

/** Whether the items are all that there is at `rev`. */
export const isWhole = ({ rev, snapshot }: LedgerState): boolean => rev >= 0 && snapshot === null;

/** Whether something is to be asked for. */
export const isBehind = (state: LedgerState): boolean => !isWhole(state) || state.headRev > state.rev;

/** What the next request has to say. */
export const askOf = ({ rev, snapshot }: LedgerState): LedgerAsk =>
  snapshot ? { after_rev: null, cursor: snapshot.cursor } : { after_rev: rev < 0 ? null : rev, cursor: null };

/**
 * What a ledger is after an action. Pure; what comes twice, late or out of order leaves it as it should be. An item never goes back to
 * an older rev, but at a `reset`, which begins all knowledge anew.
 */
export const nextLedger = (state: LedgerState, action: LedgerAction, windowed: ReadonlySet<string> = windowedKinds): LedgerStep => {
  switch (action.type) {
    case 'asked':
      return unchanged({ ...state, heardRev: -1 });
    case 'page':
      return withPage(state, action, windowed);
    case 'event':
      return withEvent(state, action);
    case 'afresh':
      return unchanged(unknown(state));
    case 'gone':
      return dropped(state, emptyLedger);
    case 'history':
      return state.history === null || state.history === action.history
        ? unchanged(state)
        : dropped(state, { ...emptyLedger, heardRev: state.heardRev });
    case 'delta':
      return withDelta(state, action.delta);
  }
};

const unchanged = (state: LedgerState): LedgerStep => ({ state, changed: [] });

const unknown = (state: LedgerState): LedgerState => ({ ...state, rev: -1, snapshot: null, ghosts: new Map() });

const dropped = (state: LedgerState, next: LedgerState): LedgerStep => ({
  state: next,
  changed: new ItemsDraft(state.items).all().map(({ kind, key }) => ({ kind, key })),
});

const withEvent = (state: LedgerState, { after_rev, head_rev, items }: LedgerAction & { type: 'event' }): LedgerStep => {
  const heardRev = Math.max(state.heardRev, head_rev);
  const headRev = Math.max(state.headRev, head_rev);
  // Without items it tells of a head only.
  if (state.rev < 0 || head_rev <= state.rev || after_rev !== state.rev || items.length === 0)
    return unchanged({ ...state, heardRev, headRev });
  return withItems({ ...state, rev: head_rev, heardRev, headRev }, items);
};

const withPage = (state: LedgerState, action: LedgerAction & { type: 'page' }, windowed: ReadonlySet<string>): LedgerStep => {
  const { asked, page, history } = action;
  if (asked.cursor !== null) {
    const { snapshot } = state;
    if (snapshot?.cursor !== asked.cursor) return unchanged(state);
    if (history === state.history && page.rev === snapshot.start) {
      const headRev = Math.max(state.headRev, page.head_rev);
      return withItems({ ...state, headRev }, page.items, page.next_cursor, windowed);
    }
    return page.reset ? begun(state, action, windowed) : unchanged(unknown(state));
  }
  if (page.reset) return begun(state, action, windowed);
  // It goes on from what is not known any more.
  if (asked.after_rev === null || state.snapshot || state.rev < asked.after_rev) return unchanged(state);
  // The server knows less than one was told before, and does not say so.
  if (history !== state.history || page.head_rev < asked.after_rev) return unchanged(unknown(state));
  const headRev = Math.max(state.headRev, page.head_rev);
  // Events have brought all of it meanwhile.
  if (page.rev <= state.rev) return unchanged({ ...state, headRev });
  return withItems({ ...state, rev: page.rev, headRev }, page.items);
};

/** A snapshot begins. What was known under another history, or above the head, is of no worth. */
const begun = (state: LedgerState, { page, history }: LedgerAction & { type: 'page' }, windowed: ReadonlySet<string>): LedgerStep => {
  const isOther = state.history !== history || state.rev > page.head_rev;
  const next: LedgerState = {
    rev: page.rev,
    history,
    headRev: Math.max(page.head_rev, state.heardRev),
    heardRev: state.heardRev,
    items: isOther ? noItems : state.items,
    snapshot: { start: page.rev, cursor: '', seen: new Set() },
    ghosts: new Map(),
  };
  const step = withItems(next, page.items, page.next_cursor, windowed);
  if (!isOther) return step;
  const changed = new Map([...dropped(state, next).changed, ...step.changed].map((name) => [nameOf(name), name]));
  return { state: step.state, changed: [...changed.values()] };
};

/** `cursor`: where the snapshot that these items belong to goes on, null at its end; undefined: they are changes. */
const withItems = (
  state: LedgerState,
  items: readonly LedgerItem[],
  cursor?: string | null,
  windowed: ReadonlySet<string> = windowedKinds,
): LedgerStep => {
  const draft = new ItemsDraft(state.items);
  const ghosts = new Map(state.ghosts);
  const seen = state.snapshot && new Set(state.snapshot.seen);
  for (const item of items) {
    const name = nameOf(item);
    const held = draft.get(item.kind, item.key);
    if (item.rev <= (ghosts.get(name) ?? -1)) continue;
    // What a snapshot has not told of yet is from before, whatever its rev.
    const isKnown = held !== undefined && (!seen || seen.has(name) ? item.rev <= held.rev : item.rev === held.rev && isLive(item));
    seen?.add(name);
    if (isKnown) continue;
    if (isLive(item)) {
      ghosts.delete(name);
      draft.put(item);
    } else {
      ghosts.set(name, item.rev);
      draft.remove(item);
    }
  }
  const isEnded = cursor === null;
  if (isEnded && seen) for (const item of draft.all()) if (!seen.has(nameOf(item)) && !windowed.has(item.kind)) draft.remove(item);
  const snapshot = seen && state.snapshot && !isEnded ? { ...state.snapshot, seen, cursor: cursor ?? state.snapshot.cursor } : null;
  // Below what is known of all nothing comes again.
  if (!snapshot) for (const [name, rev] of ghosts) if (rev <= state.rev) ghosts.delete(name);
  return { state: { ...state, items: draft.done(), snapshot, ghosts }, changed: draft.changed };
};

const withDelta = (state: LedgerState, { after, rev, history, put, removed }: LedgerDelta): LedgerStep => {
  const isSameLine = isWhole(state) && state.history === history;
  // Another tab may begin from what was stored last, which is older than what is known here.
  if (isSameLine && rev < state.rev) return unchanged(state);
  if (after && (!isSameLine || after.rev !== state.rev || after.history !== history)) return unchanged(state);
  const draft = new ItemsDraft(state.items);
  const names = new Set(put.map(nameOf));
  if (!after) for (const item of draft.all()) if (!names.has(nameOf(item))) draft.remove(item);
  for (const item of put) if (draft.get(item.kind, item.key)?.rev !== item.rev || state.history !== history) draft.put(item);
  for (const name of removed) draft.remove(name);
  const next = { ...emptyLedger, rev, history, headRev: rev, items: draft.done() };
  return { state: next, changed: draft.changed };
};

import type { Message, Thread } from '../protocol/resources.js';
import { type Excerpt, type ExcerptPart, withPart, withPresent } from './excerpt.js';
import { findBySeq, isDeleted, put, putAll, type ReactionChange, withOwnMarks } from './message-list.js';
import { withOwnReading } from './own-reading.js';
import { type PendingSend, withoutNonce, withoutShown } from './pending-send.js';

/** One change of a thread, as an event or an acknowledgement brings it. */
export interface Change {
  message: Message;
  reaction?: ReactionChange | undefined;
  /** An acknowledgement is made for the asker, so its `me` marks hold; an event's never do. */
  marked: boolean;
}

/** What is known of one thread: a value, replaced with each change. */
export interface ThreadState {
  readonly memberId: string | null;
  /** Null until the first snapshot. */
  readonly thread: Thread | null;
  /** Every change up to here has been applied. */
  readonly rev: number;
  /** Between two pages of catching up. Changes wait then: one to a message that a later page brings has no marks to go by. */
  readonly partial: boolean;
  /** The highest rev heard of; above `rev` there is something to fetch or to wait for. */
  readonly headRev: number;
  /** The held messages, by seq: from `lowSeq` on all of them. Older ones are not loaded. */
  readonly messages: readonly Message[];
  readonly lowSeq: number;
  readonly hasOlder: boolean;
  /** What is looked at instead, when that is below `lowSeq` and does not reach it. */
  readonly excerpt: Excerpt | null;
  /** Changes that came before one that they follow, by rev. */
  readonly early: ReadonlyMap<number, Change>;
  /** Changes to messages that are not loaded, kept while older history is under way and may be older than they. */
  readonly aside: readonly Change[] | null;
  /** Names the present beginning of the loaded messages: an older page that was asked for under another one does not fit. */
  readonly ticket: number;
  /** One's own sends that are not in `messages` yet. */
  readonly pending: readonly PendingSend[];
}

export type ThreadAction =
  /** `forget`: what came early is of a history that is not followed any more. */
  | { type: 'snapshot'; thread: Thread; head_rev: number; messages: readonly Message[]; forget?: boolean }
  | { type: 'page'; head_rev: number; messages: readonly Message[]; complete: boolean }
  | { type: 'change'; change: Change }
  | { type: 'head'; head_rev: number }
  | { type: 'thread'; thread: Thread }
  /** Oneself has read up to seq, on whatever device. */
  | { type: 'read'; seq: number }
  | { type: 'older_asked' }
  | { type: 'older'; ticket: number; messages: readonly Message[]; more: boolean }
  | { type: 'older_failed'; ticket: number }
  | { type: 'excerpt'; ticket: number; part: ExcerptPart; messages: readonly Message[]; more: boolean }
  | { type: 'excerpt_left' }
  | { type: 'pending'; pending: readonly PendingSend[] };

/** Beyond so many, early changes are dropped: the sync that their hole needs brings them anyway. */
const maxEarly = 500;
/** Beyond so many loaded messages the oldest are let go as new ones come, back to four fifths. */
export const maxHeld = 5_000;

export const emptyThread = (memberId: string | null): ThreadState => ({
  memberId,
  thread: null,
  rev: 0,
  partial: false,
  headRev: 0,
  messages: [],
  lowSeq: 1,
  hasOlder: false,
  excerpt: null,
  early: new Map(),
  aside: null,
  ticket: 0,
  pending: [],
});

/** Whether something is missing: a hole below what came, or a head that is further than what was applied. */
export const isBehind = (state: ThreadState): boolean => state.thread !== null && (state.partial || state.headRev > state.rev);

/** What a thread is after an action. Pure; what arrives twice, late or out of order leaves it as it should be. */
export const nextThread = (state: ThreadState, action: ThreadAction): ThreadState => {
  switch (action.type) {
    case 'snapshot':
      return fromSnapshot(state, action);
    case 'page':
      return withPage(state, action);
    case 'change':
      return withChange(state, action.change);
    case 'head':
      return action.head_rev > state.headRev ? { ...state, headRev: action.head_rev } : state;
    case 'thread':
      // An event about a thread says nothing of one's own reading, and may be older than what is known of its head.
      return { ...state, thread: { ...action.thread, me: action.thread.me ?? state.thread?.me } };
    case 'read':
      return withRead(state, action.seq);
    case 'older_asked':
      return { ...state, aside: [], ticket: state.ticket + 1 };
    case 'older':
      return withOlder(state, action);
    case 'older_failed':
      return action.ticket === state.ticket ? { ...state, aside: null } : state;
    case 'excerpt':
      return withExcerpt(state, action);
    case 'excerpt_left':
      return state.excerpt ? { ...state, excerpt: null } : state;
    case 'pending':
      return { ...state, pending: withoutShown(action.pending, state.rev) };
  }
};

const withRead = (state: ThreadState, seq: number): ThreadState => {
  const thread = state.thread && withOwnReading(state.thread, seq);
  return thread === state.thread ? state : { ...state, thread };
};

/** Starts over from the newest page. Only what came early and what is pending is kept. */
const fromSnapshot = (state: ThreadState, action: ThreadAction & { type: 'snapshot' }): ThreadState => {
  const { thread, head_rev, messages } = action;
  const held = putAll([], messages);
  const early = action.forget ? new Map<number, Change>() : state.early;
  const lowSeq = held[0]?.seq ?? thread.last_seq + 1;
  return drain(
    settlePending(
      {
        ...state,
        thread,
        rev: head_rev,
        partial: false,
        headRev: Math.max(head_rev, ...early.keys()),
        early,
        messages: held,
        lowSeq,
        hasOlder: lowSeq > 1,
        aside: null,
        ticket: state.ticket + 1,
      },
      held,
    ),
  );
};

/**
 * One answer of catching up: by rev, each message in its present state. Up to its last rev nothing is missing then; when
 * it is complete, up to the head that it names.
 */
const withPage = (state: ThreadState, { messages, head_rev, complete }: ThreadAction & { type: 'page' }): ThreadState => {
  const last = complete ? head_rev : messages.reduce((rev, message) => Math.max(rev, message.rev), 0);
  const loaded = messages.filter((message) => message.seq >= state.lowSeq);
  const below = messages.filter((message) => message.seq < state.lowSeq).map((message) => ({ message, marked: true }));
  return drain(
    settlePending(
      {
        ...state,
        rev: Math.max(state.rev, last),
        partial: !complete,
        headRev: Math.max(state.headRev, head_rev),
        messages: putAll(state.messages, loaded),
        excerpt: withPresent(
          state.excerpt,
          below.map(({ message }) => message),
        ),
        aside: state.aside && [...state.aside, ...below],
      },
      loaded,
    ),
  );
};

const withChange = (state: ThreadState, change: Change): ThreadState => {
  const { rev } = change.message;
  // Before the first snapshot nothing can be in order, so everything waits for it.
  if (state.thread !== null && rev <= state.rev) return state;
  const early = state.early.size < maxEarly ? new Map(state.early).set(rev, change) : state.early;
  return drain({ ...state, early, headRev: Math.max(state.headRev, rev) });
};

/** Applies what waited as far as there is no hole, and forgets what a page has overtaken. */
const drain = (state: ThreadState): ThreadState => {
  if (state.thread === null || state.partial || state.early.size === 0) return state;
  let next = state;
  for (let change = state.early.get(next.rev + 1); change; change = state.early.get(next.rev + 1)) next = applied(next, change);
  const early = new Map([...state.early].filter(([rev]) => rev > next.rev));
  return { ...trimmed(next), early };
};

/** The change that follows the last one. */
const applied = (state: ThreadState, change: Change): ThreadState => {
  const { message } = change;
  const next = { ...state, rev: message.rev };
  if (message.seq < state.lowSeq)
    return { ...next, excerpt: withChanges(state, state.excerpt, [change]), aside: state.aside && [...state.aside, change] };
  return settlePending({ ...next, messages: merged(state, state.messages, change) }, [message]);
};

const merged = (state: ThreadState, messages: readonly Message[], { message, reaction, marked }: Change): readonly Message[] =>
  put(messages, marked ? message : withOwnMarks(message, findBySeq(messages, message.seq), reaction, state.memberId));

/** Older messages, with the changes to them that came while they were under way. */
const withOlder = (state: ThreadState, { ticket, messages, more }: ThreadAction & { type: 'older' }): ThreadState => {
  if (ticket !== state.ticket) return state;
  const older = messages.filter((message) => message.seq < state.lowSeq);
  const lowSeq = older.reduce((low, { seq }) => Math.min(low, seq), state.lowSeq);
  let held = putAll(state.messages, older);
  for (const change of state.aside ?? []) if (change.message.seq >= lowSeq) held = merged(state, held, change);
  return { ...state, messages: held, lowSeq, hasOlder: more && older.length > 0 && lowSeq > 1, aside: null };
};

/** Changes to what is in an excerpt. */
const withChanges = (state: ThreadState, excerpt: Excerpt | null, changes: readonly Change[]): Excerpt | null => {
  if (!excerpt) return null;
  let { messages } = excerpt;
  for (const change of changes) if (findBySeq(messages, change.message.seq)) messages = merged(state, messages, change);
  return messages === excerpt.messages ? excerpt : { ...excerpt, messages };
};

/** Part of the history, with the changes to it that came while it was under way. One that reaches the newest messages joins them. */
const withExcerpt = (state: ThreadState, action: ThreadAction & { type: 'excerpt' }): ThreadState => {
  if (action.ticket !== state.ticket) return state;
  if (action.part !== 'around' && !state.excerpt) return { ...state, aside: null };
  const read = withPart(state.excerpt, action.part, action.messages, action.more);
  const excerpt = withChanges(state, read, state.aside ?? []);
  const last = excerpt?.messages.at(-1);
  if (!excerpt || !last || last.seq < state.lowSeq - 1) return { ...state, excerpt, aside: null };
  const messages = putAll(state.messages, excerpt.messages);
  const lowSeq = Math.min(state.lowSeq, messages[0]?.seq ?? state.lowSeq);
  const hasOlder = excerpt.messages[0]?.seq === lowSeq ? excerpt.hasOlder : state.hasOlder;
  return { ...state, messages, lowSeq, hasOlder, excerpt: null, aside: null, ticket: state.ticket + 1 };
};

/** A pending send that is in the thread now is not pending any more. */
const settlePending = (state: ThreadState, messages: readonly Message[]): ThreadState => {
  if (state.pending.length === 0) return state;
  let pending = withoutShown(state.pending, state.rev);
  for (const message of messages) {
    if (!isDeleted(message) && message.nonce !== null && message.author === state.memberId) pending = withoutNonce(pending, message.nonce);
  }
  return pending === state.pending ? state : { ...state, pending };
};

const trimmed = (state: ThreadState): ThreadState => {
  if (state.messages.length <= maxHeld) return state;
  const messages = state.messages.slice(-Math.floor(maxHeld * 0.8));
  return { ...state, messages, lowSeq: messages[0]!.seq, hasOlder: true, aside: null, ticket: state.ticket + 1 };
};

import type { Message } from '../../src/protocol/resources.js';
import type { LedgerChange } from '../../src/store/contracts.js';
import type { Authority, AuthorityAct } from './authority/acts.js';

export type { Authority, AuthorityAct } from './authority/acts.js';

/**
 * What was seen during a run, by whom and when: written by the recorders of the simulation and of the chaos run, judged by `check`.
 * Everything is plain JSON, so that a history can be stored, cut short and judged again. `at` counts ms from the run's beginning
 * on one clock; entries stand in the order of their recording.
 */
export type Entry =
  | Call
  | Answer
  | Seen
  | ReceiptSeen
  | PresenceSeen
  | Told
  | Parted
  | LedgerKnown
  | AuthorityBegun
  | View
  | Claimed
  | ActivationChange
  | Commit
  | FaultMark;

export interface History {
  /** How it was made: a seed, or a chaos run's options. */
  readonly title: string;
  readonly entries: readonly Entry[];
  readonly final: Final;
}

/** What a member asked for. */
export type Act =
  | { do: 'send'; thread: string; nonce: string; content: string }
  | { do: 'edit'; thread: string; message: string; content: string }
  | { do: 'delete'; thread: string; message: string }
  | { do: 'react'; thread: string; message: string; emoji: string; on: boolean }
  | { do: 'mark_read'; thread: string; seq: number }
  /** Of the member's own; each value is used once in a run. */
  | { do: 'put_setting'; key: string; value: string }
  /** `whom` loses the right to see the community: by oneself (leave), or by another's act. */
  | { do: 'remove'; community: string; whom: string; how: 'kick' | 'ban' | 'leave' }
  | { do: 'join'; community: string; whom: string }
  | AuthorityAct;

/** A call begins. `op` is unique in the history; a retry of the same send under the same nonce is a call of its own. */
export interface Call {
  kind: 'call';
  at: number;
  op: number;
  client: string;
  member: string;
  act: Act;
}

/** `refused`: an answer that says it was not done. `unknown`: a time-out or a lost connection. A call without an answer is unknown too. */
export interface Answer {
  kind: 'answer';
  at: number;
  op: number;
  outcome: 'ok' | 'refused' | 'unknown';
  code?: string;
  /** Of an acknowledged send, edit, delete or reaction. */
  message?: Message;
  /** Of an acknowledged mark_read. */
  read_seq?: number;
  /** That was begun by it. */
  thread?: string;
  /** It may have been tried more than once: an earlier try may still be under way. */
  again?: boolean;
}

/** A client was shown a message: by an event, or in a page of join_thread, sync_thread or REST. */
export interface Seen {
  kind: 'seen';
  at: number;
  client: string;
  member: string;
  thread: string;
  by: 'new_message' | 'message_updated' | 'message_deleted' | 'page';
  message: Message;
}

export interface ReceiptSeen {
  kind: 'receipt';
  at: number;
  client: string;
  thread: string;
  member: string;
  seq: number;
}

export interface PresenceSeen {
  kind: 'presence';
  at: number;
  client: string;
  member: string;
  state: string;
}

/** Something that names a thread has come to a client, other than that it may not be viewed (any more). */
export interface Told {
  kind: 'told';
  at: number;
  client: string;
  member: string;
  thread: string;
  /** The event, or what was asked. */
  by: string;
  /** Which of the client's connections brought it; absent for REST. */
  connection?: number;
  /** When it was asked for, ms; absent for an event. */
  asked?: number;
}

/** A client heard on a connection that its member has lost a thread, or a whole community. */
export interface Parted {
  kind: 'parted';
  at: number;
  client: string;
  member: string;
  connection: number;
  thread?: string;
  community?: string;
}

/** What a client knows of a ledger at a moment when it says that nothing is missing: the sum of its items. */
export interface LedgerKnown {
  kind: 'ledger';
  at: number;
  client: string;
  member: string;
  /** The stored name. */
  ledger: string;
  rev: number;
  sum: string;
}

/** How a community stands before anybody changes it. */
export interface AuthorityBegun {
  kind: 'authority';
  at: number;
  begun: Authority;
}

/**
 * All that a client holds of a thread. `caught_up`: it says that nothing is missing and the run is quiet, so it must equal the
 * store from its first message on. `applied`: an old snapshot with the events since applied to it, and `fresh`: one read anew at
 * the same head; these two must be equal (same `pair`).
 */
export interface View {
  kind: 'view';
  at: number;
  client: string;
  member: string;
  thread: string;
  head_rev: number;
  what: 'caught_up' | 'applied' | 'fresh';
  pair?: number;
  messages: readonly Message[];
}

/** A claim as it stands in the slot table. */
export interface Claimed {
  kind: 'claimed';
  at: number;
  slot: number;
  instance: string;
  epoch: number;
  /** False: the claim was given up unserved, because the witness knows a higher epoch. Absent: it is served. */
  served?: boolean;
}

/**
 * An actor began or ceased to act on an instance. `off` is recorded for an instance that was fenced, or whose lease has run out
 * while it could not say so: from then on its activation counts as fenced.
 */
export interface ActivationChange {
  kind: 'activation';
  at: number;
  address: string;
  instance: string;
  epoch: number;
  on: boolean;
}

/** A document write that the store has carried out, whether or not its writer heard of it. */
export interface Commit {
  kind: 'commit';
  at: number;
  thread: string;
  message: string;
  seq: number;
  rev: number;
  epoch: number;
}

export interface FaultMark {
  kind: 'fault';
  at: number;
  name: string;
  phase: 'begin' | 'end';
  detail?: string;
}

/** A message as the store holds it at the end. */
export interface StoredMessage {
  id: string;
  thread: string;
  community: string;
  seq: number;
  rev: number;
  epoch: number;
  author: string;
  nonce: string | null;
  content: string;
  deleted: boolean;
  reactions: readonly { emoji: string; members: readonly string[] }[];
}

/** What stands once the faults are over and everything had time to settle. */
export interface Final {
  messages: readonly StoredMessage[];
  /** As served to the member: how far it has read, and what the server counts as unread. */
  cursors: readonly { thread: string; member: string; read_seq: number; unread: number }[];
  /** Messages that the search index holds; absent where the run has no index. */
  indexed?: readonly { thread: string; message: string }[];
  /** Of messages; those of opening texts are not among them. */
  notifications: readonly { member: string; message: string; kind: string }[];
  /** What observers believe, and what is true. */
  presence: readonly { observer: string; member: string; believed: string; true: string }[];
  /** Figures that must have come back to their base line, within `slack`. */
  gauges: readonly { name: string; process: string; base: number; now: number; slack: number }[];
  /** Lines of any log that tell of an uncaught exception, an unhandled rejection or a defect. */
  defects: readonly { process: string; line: string }[];
  /** How long after a removal's acknowledgement events may still arrive, ms. */
  removalBoundMs: number;
  /** Ms between which announcements were lost: the bound counts from the end of such a time. Absent: none. */
  announcementsLost?: readonly { from: number; to: number }[];
  /** Communities that anyone may read: pages of them reach those who were removed, too. Absent: none. */
  publicCommunities?: readonly string[];
  /** Every commit of these ledgers, by rev. Absent: not judged. */
  ledgers?: readonly { ledger: string; commits: readonly { rev: number; op_id: string | null; changes: readonly LedgerChange[] }[] }[];
  /** What ledgers copy, beside its source, both as JSON; null: not there. Absent: not judged. */
  copies?: readonly { ledger: string; kind: string; key: string; item: string | null; source: string | null }[];
  /** As the store has it. Absent: not judged. */
  authority?: readonly Authority[];
  /** Which threads of a community each person is shown, by which operation, after quiet. */
  sights?: readonly { member: string; community: string; by: 'list_threads' | 'search_messages'; threads: readonly string[] }[];
}

export interface Violation {
  /** 1 to 19, as in `docs/delivery-semantics.md`. */
  invariant: number;
  what: string;
  /** Indexes of the entries that show it, oldest first. */
  entries: readonly number[];
}

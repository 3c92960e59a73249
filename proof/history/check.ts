import { type Counted, Findings } from './findings.js';
import type { History, Violation } from './history.js';
import type { CheckOptions, Invariant } from './invariant.js';
import { acknowledged } from './invariants/acknowledged.js';
import { activations } from './invariants/activations.js';
import { committed } from './invariants/committed.js';
import { contiguous } from './invariants/contiguous.js';
import { cursors } from './invariants/cursors.js';
import { deletions } from './invariants/deletions.js';
import { edits } from './invariants/edits.js';
import { epochs } from './invariants/epochs.js';
import { followers } from './invariants/followers.js';
import { copies, ledgers } from './invariants/ledgers.js';
import { order } from './invariants/order.js';
import { reactions } from './invariants/reactions.js';
import { removal } from './invariants/removal.js';
import { settled } from './invariants/settled.js';
import { sight } from './invariants/sight.js';
import { snapshots } from './invariants/snapshots.js';
import { unacknowledged } from './invariants/unacknowledged.js';
import { views } from './invariants/views.js';
import { Timeline } from './timeline.js';

export interface Verdict {
  /** In the order of their invariants; none: the history is sound. */
  violations: Violation[];
  counted: Counted;
}

const invariants: readonly Invariant[] = [
  acknowledged,
  contiguous,
  order,
  unacknowledged,
  views,
  committed,
  removal,
  epochs,
  activations,
  edits,
  deletions,
  reactions,
  cursors,
  followers,
  settled,
  snapshots,
  sight,
  ledgers,
  copies,
];

/**
 * Judges a history by the 19 invariants of `docs/delivery-semantics.md`. Pure; takes time and memory in proportion to the history
 * (10^6 entries: seconds). A call without an answer may have been done, or not, at any time after it. What a history does not
 * hold (commits, an index, claims) is not judged.
 */
export const check = (history: History, { most = 20, inFlightMs = 10_000 }: CheckOptions = {}): Verdict => {
  const timeline = new Timeline(history);
  const findings = new Findings(most);
  findings.count('entries', history.entries.length);
  findings.count('calls', timeline.operations.length);
  findings.count('shown', timeline.shown.length);
  for (const invariant of invariants) invariant(timeline, findings, { most, inFlightMs });
  return { violations: findings.violations.sort((a, b) => a.invariant - b.invariant), counted: findings.counted };
};

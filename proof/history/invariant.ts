import type { Findings } from './findings.js';
import type { Timeline } from './timeline.js';

export interface CheckOptions {
  /** Violations listed of one invariant; more are counted. 20 unless told. */
  most?: number;
  /** How long a page or an event from before a deletion may be under way to its reader, ms. 10,000 unless told. */
  inFlightMs?: number;
}

/** What all invariants are given; each reports under its own number. */
export type Invariant = (timeline: Timeline, findings: Findings, options: Required<CheckOptions>) => void;

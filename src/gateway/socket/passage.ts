import type { Cuttable } from './outlet.js';

/**
 * One connection as the bounds see it, from before it is made until it has ended. A few dozen bytes of an idle
 * connection.
 */
export class Passage {
  /** What a limit by address counts. */
  readonly block: string;
  /** Until when what it has sent is paid off, on the monotonic clock; see `Allowance`. */
  paidOffAt = 0;
  /** Whose it is, once that is known and a place for it is taken. */
  memberId: string | undefined = undefined;
  /** It may send frames of the full size. */
  isIn = false;
  isOver = false;
  /** Engine.IO's connection, once there is one. */
  conn: Cuttable | undefined = undefined;

  constructor(block: string) {
    this.block = block;
  }
}

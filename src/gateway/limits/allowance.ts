/**
 * What one connection may send, in points. A connection spends them before anything of a frame is parsed; they come
 * back with time. All that is kept of a connection is one number: until when what it has spent is paid off (0: it owes
 * nothing).
 */
export interface Allowance {
  /** Points that come back in a second. */
  perSecond: number;
  /** Points that may be spent at once. Beyond it what asks for an answer gets `rate_limited`. */
  burst: number;
  /** Debt at which the connection is closed. */
  end: number;
}

/**
 * A client that catches up with 500 threads right after it connected, and then marks them read, spends half of the
 * burst.
 */
export const defaultAllowance: Allowance = { perSecond: 100, burst: 2_000, end: 4_000 };

/** `over`: answered `rate_limited`, if it can be answered. `ended`: the connection is to be closed. */
export type Verdict = 'within' | 'over' | 'ended';

/** Bytes that cost as much as a frame. */
const bytesAPoint = 1_000;
/** What is refused (unknown, malformed, too often) costs so many points beside its frame. */
export const refusedCost = 10;

/** So many frames, of so many bytes together. */
export const costOf = (frames: number, bytes: number): number => frames + bytes / bytesAPoint;

/** Until when the debt is paid off after so many points more. Times are in ms on one clock. */
export const spend = (paidOffAt: number, points: number, now: number, { perSecond }: Allowance): number =>
  Math.max(paidOffAt, now) + (points * 1_000) / perSecond;

export const verdictOn = (paidOffAt: number, now: number, { perSecond, burst, end }: Allowance): Verdict => {
  const debt = ((paidOffAt - now) * perSecond) / 1_000;
  if (debt <= burst) return 'within';
  return debt <= end ? 'over' : 'ended';
};

/** When a tenth of the burst is there again. */
export const retryAfterMs = (paidOffAt: number, now: number, { perSecond, burst }: Allowance): number =>
  Math.max(1, Math.ceil(paidOffAt - now - (burst * 0.9 * 1_000) / perSecond));

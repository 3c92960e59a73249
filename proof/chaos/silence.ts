/** A send as its sender saw it, over all its retries: ms from the run's beginning. */
export interface SendSpan {
  thread: string;
  from: number;
  /** When it was acknowledged or given up. */
  to: number;
  ok: boolean;
  /** Its sender was off the network for some of that time, by their own will. */
  away?: boolean;
}

export interface Silence {
  thread: string;
  from: number;
  to: number;
}

/** Below so many ms it is not worth a word. */
const shortest = 200;

/** The times in which a thread had sends pending all along and acknowledged none. */
export const silences = (sends: readonly SendSpan[]): Silence[] => {
  const found: Silence[] = [];
  const byThread = new Map<string, SendSpan[]>();
  for (const send of sends) {
    const known = byThread.get(send.thread);
    if (known) known.push(send);
    else byThread.set(send.thread, [send]);
  }
  for (const [thread, spans] of byThread) {
    const marks = spans.flatMap(({ from, to, ok }) => [
      { at: from, change: 1, ok: false },
      { at: to, change: -1, ok },
    ]);
    // What begins at the moment when another ends is pending without a break.
    marks.sort((a, b) => a.at - b.at || b.change - a.change);
    let pending = 0;
    let since = 0;
    for (const { at, change, ok } of marks) {
      if (pending === 0) since = at;
      pending += change;
      if (!ok && pending > 0) continue;
      if (at - since >= shortest) found.push({ thread, from: since, to: at });
      since = at;
    }
  }
  return found;
};

/** A silence that begins so shortly before a fault is that fault's: the send was on its way when it struck. */
const underWayMs = 1_000;

/** The longest part, in ms, of any silence that lies behind `from`, of those that begin before the next fault at `until`. */
export const longestSilence = (all: readonly Silence[], from: number, until: number): { ms: number; thread: string | null } => {
  let longest: { ms: number; thread: string | null } = { ms: 0, thread: null };
  for (const { thread, from: begin, to } of all) {
    if (begin >= until - underWayMs || to <= from) continue;
    const ms = to - Math.max(begin, from);
    if (ms > longest.ms) longest = { ms, thread };
  }
  return longest;
};

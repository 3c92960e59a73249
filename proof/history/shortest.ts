import type { Entry, History, Violation } from './history.js';

/** What an entry is about, in keys that two entries of one affair share. */
const subjectsOf = (entry: Entry, ops: ReadonlyMap<number, Entry>): string[] => {
  switch (entry.kind) {
    case 'call': {
      const { act, member } = entry;
      if (act.do === 'send') return [`op ${entry.op}`, `nonce ${act.thread} ${member} ${act.nonce}`];
      if (act.do === 'mark_read') return [`op ${entry.op}`, `cursor ${act.thread} ${member}`];
      if (act.do === 'put_setting') return [`op ${entry.op}`, `ledger me:${member}`];
      if ('message' in act) return [`op ${entry.op}`, `message ${act.message}`];
      return [`op ${entry.op}`, `authority ${act.community}`, ...('whom' in act ? [`member ${act.whom}`] : [])];
    }
    case 'answer': {
      const call = ops.get(entry.op);
      return [...(call ? subjectsOf(call, new Map()) : []), ...(entry.message ? [`message ${entry.message.id}`] : [])];
    }
    case 'seen':
      return [`message ${entry.message.id}`];
    case 'commit':
      return [`message ${entry.message}`, `rev ${entry.thread} ${entry.rev}`, `seq ${entry.thread} ${entry.seq}`];
    case 'claimed':
      return [`slot ${entry.slot}`];
    case 'activation':
      return [`address ${entry.address}`];
    case 'receipt':
      return [`cursor ${entry.thread} ${entry.member}`];
    case 'presence':
      return [`presence ${entry.member}`];
    case 'view':
      return entry.pair === undefined ? [] : [`pair ${entry.pair}`];
    case 'told':
      return [`sight ${entry.member} ${entry.thread}`];
    case 'parted':
      return [`sight ${entry.member} ${entry.thread}`, `member ${entry.member}`];
    case 'ledger':
      return [`ledger ${entry.ledger}`];
    case 'authority':
      return [`authority ${entry.begun.community}`];
    case 'fault':
      return [];
  }
};

/**
 * The entries that tell how a violation came about: those that show it, those about the same messages, calls, slots or actors, and
 * the faults up to the last of them. At most `most`, the nearest to the violation's own; ascending.
 */
export const shortest = (history: History, violation: Violation, most = 60): number[] => {
  const { entries } = history;
  const own = new Set(violation.entries);
  const ops = new Map<number, Entry>();
  for (const entry of entries) if (entry.kind === 'call') ops.set(entry.op, entry);
  const subjects = new Set([...own].flatMap((at) => (entries[at] ? subjectsOf(entries[at], ops) : [])));
  // What the words of the violation name belongs to it, too: not every violation can point to an entry.
  const words = new Set(violation.what.split(/[\s,:;()]+/));
  const last = violation.entries.at(-1) ?? entries.length - 1;
  const related: number[] = [];
  for (const [at, entry] of entries.entries()) {
    if (own.has(at)) continue;
    if (entry.kind === 'fault' ? at <= last : subjectsOf(entry, ops).some((it) => subjects.has(it) || isNamed(it, words))) related.push(at);
  }
  const distance = (at: number): number => Math.min(...violation.entries.map((it) => Math.abs(it - at)), Math.abs(last - at));
  const nearest = related.map((at) => ({ at, far: distance(at) })).sort((a, b) => a.far - b.far);
  const room = Math.max(0, most - own.size);
  return [...violation.entries.slice(0, most), ...nearest.slice(0, room).map(({ at }) => at)].sort((a, b) => a - b);
};

const isNamed = (subject: string, words: ReadonlySet<string>): boolean => {
  const [kind, name] = subject.split(' ') as [string, string];
  return (kind === 'message' || kind === 'address') && words.has(name);
};

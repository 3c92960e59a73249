/** The people in a room of an XMPP server. */
import { answerCalls } from '../processes/calls.js';
import { contentOf, nowUs } from './content.js';
import { Occupant } from './occupant.js';

export interface EnterOrder {
  port: number;
  host: string;
  room: string;
  count: number;
}

export interface SayOrder {
  /** The first so many say something in turn. */
  authors: number;
  ticksPerSecond: number;
  seconds: number;
}

export interface Said {
  delivered: number;
  violations: string[];
}

/** Entering under way at once. */
const wave = 16;
/** What does not come for so long will not come. */
const stillMs = 5_000;

const occupants: Occupant[] = [];
const numbers: number[] = [];

const enter = async ({ port, host, room, count }: EnterOrder): Promise<void> => {
  // The first one makes the room.
  occupants.push(await Occupant.enter({ port, host, room, nick: 'member0' }));
  let next = 1;
  const walk = async (): Promise<void> => {
    while (next < count) occupants.push(await Occupant.enter({ port, host, room, nick: `member${next++}` }));
  };
  await Promise.all(Array.from({ length: wave }, walk));
};

const heard = (): number => occupants.reduce((sum, occupant) => sum + occupant.heard, 0);

const say = async ({ authors, ticksPerSecond, seconds }: SayOrder): Promise<Said> => {
  const ticks = Math.round(ticksPerSecond * seconds);
  const before = heard();
  const begin = performance.now();
  for (let tick = 0; tick < ticks; tick++) {
    await pause(begin + (tick * 1_000) / ticksPerSecond - performance.now());
    const author = tick % authors;
    const number = (numbers[author] ?? 0) + 1;
    numbers[author] = number;
    occupants[author]!.say(contentOf(author, number, nowUs()));
  }
  const due = ticks * occupants.length;
  let count = heard() - before;
  for (let since = performance.now(); count < due && performance.now() - since < stillMs; await pause(20)) {
    const now = heard() - before;
    if (now !== count) since = performance.now();
    count = now;
  }
  const violations = [
    ...(count < due ? [`${due - count} deliveries did not come`] : []),
    ...faultsOf('holes'),
    ...faultsOf('duplicates'),
    ...faultsOf('reordered'),
    ...(occupants.some(({ lost }) => lost) ? ['lost connections'] : []),
  ];
  return { delivered: count, violations };
};

const faultsOf = (kind: 'holes' | 'duplicates' | 'reordered'): string[] => {
  const count = occupants.reduce((sum, { faults }) => sum + faults[kind], 0);
  return count > 0 ? [`${count} ${kind}`] : [];
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

answerCalls({ enter, say });

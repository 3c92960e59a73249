import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { memberLedger } from '../../src/actors/ledger/names.js';
import type { Message } from '../../src/protocol/resources.js';
import type { Store } from '../../src/store/contracts.js';
import type { Final } from '../history/history.js';
import { ledgersOf } from '../history/stored-ledgers.js';
import { type Crowd, inTurns } from './crowd.js';
import { type Gauge, readGauges } from './gauges.js';
import type { Ledger } from './ledger.js';
import type { NodeLog } from './node-log.js';
import type { Recorder } from './recorder.js';
import type { Site } from './site.js';
import type { Stored } from './stored.js';
import type { Talker } from './talker.js';

export interface SettlingParts {
  site: Site;
  crowd: Crowd;
  ledger: Ledger;
  recorder: Recorder;
  stored: Stored;
  /** The run's own, past every proxy. */
  store: Store;
  redis: Redis;
  base: readonly Gauge[];
  logs: ReadonlyMap<string, NodeLog>;
  log(line: string): void;
}

/** The longest wait for each thing that has to come right by itself. What has not is judged as it is. */
const patienceMs = 100_000;
/** A removal may take so long to reach a node when the message about it was lost (docs/delivery-semantics.md). */
const removalBoundMs = 10_000;
/** Between two looks at what ledgers copy: a sweep tells of what was forgotten. */
const sweepMs = 3_000;
/** Members who leave for good before presence is looked at. */
const leavers = 2;
const states = ['online', 'idle', 'dnd'] as const;

/** Waits until the run has come to rest, then collects everything that is judged. */
export const settle = async (parts: SettlingParts): Promise<Final> => {
  const { crowd, ledger, log, stored, site, redis } = parts;
  await crowd.stop();
  await waited('every send to be answered', 45_000, log, () => ledger.pending === 0);
  await waited('every member to be online', patienceMs, log, () => crowd.talkers.every(({ online }) => online));
  const heads = await stored.heads();
  await waited('every view to be at the head', patienceMs, log, () => crowd.talkers.every((talker) => isCurrent(talker, heads)));
  await waited('every member to know the head of their ledger', patienceMs, log, () => ledgersAreCurrent(parts));
  const people = crowd.people.map(({ id }) => id);
  let ledgers = await ledgersOf(parts.store, people, placesOf(crowd));
  await waited('ledgers to have what they copy', patienceMs, log, async () => {
    if (ledgers.copies.every(({ item, source }) => item === source)) return true;
    await sleep(sweepMs);
    ledgers = await ledgersOf(parts.store, people, placesOf(crowd));
    return false;
  });
  recordViews(parts);
  await recordPairs(parts);
  await waited('the search index to catch up', patienceMs, log, async () => {
    const { living, indexed } = await stored.counts();
    return living === indexed;
  });
  // What members may is believed for so long.
  await sleep(removalBoundMs);
  const sights = await crowd.closedRooms.sights();
  const cursors = await readCursors(crowd);
  const presence = await readPresence(crowd, log);
  let now: Gauge[] = [];
  const above = (gauge: Gauge): boolean => gauge.value > gauge.slack + baseOf(parts.base, gauge);
  await waited('the gauges to come back', patienceMs, log, async () => {
    now = await readGauges(site, redis);
    return !now.some(above);
  });
  for (const tail of parts.logs.values()) tail.stop();
  return {
    copies: ledgers.copies,
    messages: await stored.messages(),
    authority: [await stored.authority(crowd.closedRooms.community, people)],
    sights,
    cursors,
    indexed: await stored.indexed(),
    notifications: await stored.notifications(),
    presence,
    gauges: now.map((gauge) => ({
      name: gauge.name,
      process: gauge.process,
      base: baseOf(parts.base, gauge),
      now: gauge.value,
      slack: gauge.slack,
    })),
    defects: [...parts.logs].flatMap(([process, { defects }]) => defects.map((line) => ({ process, line }))),
    removalBoundMs,
    // Last: nobody may know of a commit that is not among these.
    ledgers: (await ledgersOf(parts.store, people, placesOf(crowd))).ledgers,
  };
};

const baseOf = (base: readonly Gauge[], { name, process }: Gauge): number =>
  base.find((one) => one.name === name && one.process === process)?.value ?? 0;

/** Looks four times a second; gives up, with a line, after `ms`. */
const waited = async (what: string, ms: number, log: (line: string) => void, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const from = performance.now();
  while (!(await holds())) {
    if (performance.now() - from > ms) {
      log(`waited ${ms / 1000} s in vain for ${what}`);
      return;
    }
    await sleep(250);
  }
  const took = (performance.now() - from) / 1000;
  if (took > 2) log(`waited ${took.toFixed(0)} s for ${what}`);
};

const isCurrent = (talker: Talker, heads: ReadonlyMap<string, number>): boolean =>
  [...talker.views].every(([thread, view]) => view.status === 'live' && view.state.rev >= (heads.get(thread) ?? 0));

const ledgersAreCurrent = async ({ crowd, store }: SettlingParts): Promise<boolean> => {
  for (const { client, id } of crowd.people) {
    const { head } = await store.ledgers.edges(memberLedger(id));
    const { status, rev } = client.ledgers.state('me');
    if (status !== 'current' || rev < head) return false;
  }
  return true;
};

const placesOf = ({ places, closedRooms }: Crowd): { id: string; threads: readonly string[] }[] => [
  ...places.map(({ community, threads }) => ({ id: community, threads })),
  { id: closedRooms.community, threads: closedRooms.threads },
];

const recordViews = ({ crowd, recorder }: SettlingParts): void => {
  for (const talker of crowd.talkers) {
    for (const [thread, { state }] of talker.views) {
      const view = { client: talker.name, member: talker.id, thread, head_rev: state.rev, messages: state.messages };
      recorder.add({ kind: 'view', at: recorder.now(), ...view, what: 'caught_up' });
    }
  }
};

/** Of each thread, one member's view as it has grown by events, and the same read anew by REST. */
const recordPairs = async ({ crowd, recorder, log }: SettlingParts): Promise<void> => {
  let pair = 0;
  const seen = new Set<string>();
  const chosen = crowd.talkers.flatMap((talker) =>
    [...talker.views].flatMap(([thread, view]) => {
      if (seen.has(thread)) return [];
      seen.add(thread);
      return [{ talker, thread, view }];
    }),
  );
  await inTurns(chosen, 4, async ({ talker, thread, view }) => {
    const { messages, rev, lowSeq } = view.state;
    const fresh: Message[] = [];
    try {
      for (let after_seq = Math.max(0, lowSeq - 1); ; ) {
        const page = await talker.client.operations.listMessages({ thread_id: thread, after_seq, limit: 100 });
        if (page.items.length === 0) break;
        fresh.push(...page.items);
        after_seq = page.items.at(-1)!.seq;
      }
    } catch (error) {
      log(`thread ${thread} could not be read anew: ${String(error)}`);
    }
    pair++;
    const of = { kind: 'view', at: recorder.now(), client: talker.name, member: talker.id, thread, head_rev: rev, pair } as const;
    recorder.add({ ...of, what: 'applied', messages });
    recorder.add({ ...of, what: 'fresh', messages: fresh });
  });
};

const readCursors = async (crowd: Crowd): Promise<Final['cursors']> => {
  const cursors: { thread: string; member: string; read_seq: number; unread: number }[] = [];
  await inTurns(crowd.talkers, 4, async (talker) => {
    for (const thread of talker.views.keys()) {
      const { me } = await talker.client.operations.getThread({ thread_id: thread });
      if (me) cursors.push({ thread, member: talker.id, read_seq: me.read_seq, unread: me.unread_count });
    }
  });
  return cursors;
};

/** Everyone says what they are, some leave for good; then observers must believe it. */
const readPresence = async (crowd: Crowd, log: (line: string) => void): Promise<Final['presence']> => {
  const observers = crowd.observers();
  const truth = new Map<string, string>();
  for (const [i, talker] of crowd.talkers.entries()) {
    const leaves = i >= crowd.talkers.length - leavers && !observers.includes(talker);
    if (leaves) talker.goOffline();
    else await talker.client.emit('set_presence', { state: states[i % states.length]! }).catch(() => undefined);
    truth.set(talker.id, leaves ? 'offline' : states[i % states.length]!);
  }
  const believed = () =>
    observers.flatMap((observer) => {
      const place = crowd.places.find(({ members }) => members.includes(observer))!;
      const { members } = observer.client.openCommunity(place.community).state;
      return place.members.flatMap(({ id }) => {
        const state = members.get(id)?.member.presence.state;
        return state === undefined ? [] : [{ observer: observer.name, member: id, believed: state as string, true: truth.get(id)! }];
      });
    });
  await waited('presence to converge', 60_000, log, () => believed().every((one) => one.believed === one.true));
  for (const talker of crowd.talkers.slice(-leavers)) if (!observers.includes(talker)) talker.comeBack();
  return believed();
};

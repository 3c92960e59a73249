import { counted, growth, readCounts } from '../node-counters.js';
import { oneOf } from '../random.js';
import { RawReader } from '../raw-reader.js';
import { refusedOutOfOrder } from '../shed-order.js';
import type { Fault, FaultContext } from './fault.js';

const readers = 12;
/** Pages of threads that each reader asks for every half second and does not read. */
const pagesAsked = 12;
const askEveryMs = 500;
/** What a reader may be sent in all, in pages: some 20 MB of long threads, well above what the system's own buffers take. */
const mostPages = 400;
const stormSockets = 5_000;
/** Of them at once under way before the storm. */
const stormWidth = 200;

interface Opened {
  reader: RawReader;
  /** Those that its member follows. */
  threads: readonly string[];
}

/** Sockets that have joined every thread of their member. */
const openReaders = ({ crowd, site, random }: FaultContext, count: number): Promise<Opened[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const talker = oneOf(random, crowd.talkers);
      const threads = [...talker.views.keys()];
      const reader = new RawReader(oneOf(random, site.urls), (await talker.client.session.token()) ?? '');
      if (await reader.entered()) for (const thread_id of threads) reader.emit('join_thread', { thread_id });
      return { reader, threads };
    }),
  );

interface Spoiling {
  /** Longer than a reader may stand still, and what it takes to fill the system's own buffers. */
  ms: number;
  /** The stage that some must reach. */
  wanted: 'behind' | 'lost';
  /** All that there is to see has been seen. */
  isOver(seen: { reached: ReadonlyMap<string, number>; resynced: number }): boolean;
  spoil(reader: RawReader): void;
}

/**
 * Readers that ask for pages, which they do not read, until half of them are `behind`; from then on they get live events alone,
 * so that who reads at all can catch up.
 */
const withReaders =
  ({ ms, wanted, isOver, spoil }: Spoiling): Fault =>
  async (context) => {
    const { site, crowd, random, sleep, note, notPlayed } = context;
    const stages = () => readCounts(site.nodes, 'parley_gateway_slow_readers_total', 'stage');
    const resyncs = () => readCounts(site.nodes, 'parley_gateway_resyncs_total', 'reason');
    const before = { stages: await stages(), resyncs: await resyncs() };
    const look = async () => ({
      reached: growth(before.stages, await stages()),
      resynced: growth(before.resyncs, await resyncs()).get('slow_reader') ?? 0,
    });
    // Spoilt before anything much has come: a receive buffer that was never read from stays small.
    const open = (await openReaders(context, readers)).map(({ reader }) => reader);
    for (const reader of open) spoil(reader);
    const threads = crowd.places.flatMap((place) => place.threads);
    try {
      let seen = await look();
      for (let pages = 0, spent = 0; spent < ms && !isOver(seen); spent += askEveryMs) {
        if (pages < mostPages && (seen.reached.get('behind') ?? 0) < readers / 2) {
          pages += pagesAsked;
          for (const reader of open)
            for (let page = 0; page < pagesAsked; page++) reader.emit('sync_thread', { thread_id: oneOf(random, threads), after_rev: 0 });
        }
        await sleep(askEveryMs);
        seen = await look();
      }
      const { reached, resynced } = seen;
      note(`${readers} sockets; parley_gateway_slow_readers_total: ${counted(reached)}; resyncs sent to slow readers: ${resynced}`);
      if (!reached.has(wanted)) notPlayed(`no reader became ${wanted}`);
    } finally {
      for (const reader of open) reader.drop();
    }
  };

export const slowReaders = withReaders({
  ms: 25_000,
  wanted: 'behind',
  isOver: ({ resynced }) => resynced >= readers,
  spoil: (reader) => reader.readSlowly(200),
});
export const stalledReaders = withReaders({
  ms: 32_000,
  wanted: 'lost',
  isOver: ({ reached }) => (reached.get('lost') ?? 0) >= readers,
  spoil: (reader) => reader.stall(),
});

const floodSockets = 48;
/**
 * By round: for how long the node is held (SIGSTOP) at a time, ms, as on a host that gives its processor to others. Without it the
 * machine under all nodes and the fault itself is at its end before a node is.
 */
const heldMs = [0, 300, 450, 800, 1_400];
const runMs = 100;
const stepsEach = 4;
const stepMs = 400;
const sendsEach = 10;
/** Searches and lists that are asked for at each node in each step of the first round, and those that may be under way. */
const readsEach = 10;
const mostReads = 600;
const readMs = 10_000;

/** Reads by REST, whatever is answered, and without waiting for it. */
class Reads {
  readonly #under = new Set<Promise<unknown>>();
  asked = 0;

  ask(url: string, token: string, path: string): void {
    if (this.#under.size >= mostReads) return;
    this.asked++;
    const headers = { authorization: `Bearer ${token}` };
    const read = fetch(`${url}/api${path}`, { headers, signal: AbortSignal.timeout(readMs) })
      .then((answer) => answer.arrayBuffer())
      .catch(() => undefined)
      .finally(() => this.#under.delete(read));
    this.#under.add(read);
  }

  /** A request that is given up in the moment of its answer may never be told of: not longer than any may take. */
  async end(sleep: (ms: number) => Promise<void>): Promise<void> {
    await Promise.race([Promise.all(this.#under), sleep(readMs)]);
  }
}

/** Lets `ms` pass, through most of which the node is held, `heldMs` at a time. */
const starve = async ({ node, sleep }: FaultContext, heldMs: number, ms: number): Promise<void> => {
  for (let left = ms; left > 0; left -= heldMs + runMs) {
    try {
      if (heldMs > 0) node.pause();
      await sleep(heldMs);
    } finally {
      node.thaw();
    }
    await sleep(runMs);
  }
};

/**
 * Every member sends a burst. Beside them sockets join their threads again and again, each answer a page, and type, and searches and
 * lists are asked for: twice as much each round, and one node gets an ever smaller share of its processor, until some node refuses
 * work or the last round is over. Something must be refused, in the promised order.
 */
export const overload: Fault = async (context) => {
  const { crowd, site, random, note, unkept } = context;
  const shed = () => readCounts(site.nodes, 'parley_gateway_shed_total', 'work');
  const steps = [await shed()];
  const grown = () => growth(steps[0]!, steps.at(-1)!);
  const open = await openReaders(context, floodSockets);
  const reads = new Reads();
  try {
    const token = (await oneOf(random, crowd.talkers).client.session.token()) ?? '';
    let joins = 0;
    let sends = 0;
    for (let round = 0, asks = 10; round < heldMs.length && grown().size === 0; round++, asks *= 2) {
      for (const talker of crowd.talkers) {
        if (!talker.online) continue;
        talker.burst(sendsEach);
        sends += sendsEach;
      }
      // In small steps, so that all is asked for also after a node has begun to shed.
      for (let step = 0; step < stepsEach; step++) {
        for (const { reader, threads } of open) {
          const thread_id = oneOf(random, threads);
          reader.emit('typing', { thread_id });
          for (let ask = 0; ask < asks; ask++, joins++) reader.emit('join_thread', { thread_id });
          reader.emit('typing', { thread_id });
        }
        for (const { url } of site.nodes) {
          for (let ask = 0; ask < readsEach * 2 ** round; ask++) {
            reads.ask(url, token, '/messages/search?q=lemma');
            reads.ask(url, token, '/communities');
          }
        }
        await starve(context, heldMs[round] ?? 0, stepMs);
        steps.push(await shed());
      }
    }
    note(`${sends} sends, ${joins} joins and ${reads.asked} reads; parley_gateway_shed_total: ${counted(grown())}`);
    if (grown().size === 0) unkept('nothing was refused');
    for (const what of refusedOutOfOrder(steps)) unkept(what);
  } finally {
    for (const { reader } of open) reader.drop();
    await reads.end(context.sleep);
  }
};

export const reconnectStorm: Fault = async ({ crowd, site, random, sleep, note }) => {
  const tokens = await Promise.all(crowd.talkers.map(({ client }) => client.session.token()));
  const come = async (width: number): Promise<RawReader[]> => {
    const all: RawReader[] = [];
    for (let i = 0; i < stormSockets; i += width) {
      const some = Array.from({ length: width }, () => new RawReader(oneOf(random, site.urls), oneOf(random, tokens) ?? ''));
      all.push(...some);
      await Promise.all(some.map((reader) => reader.entered()));
    }
    return all;
  };
  let open = await come(stormWidth);
  try {
    await sleep(1_000);
    for (const reader of open) reader.drop();
    open = await come(stormSockets);
    const let_in = (await Promise.all(open.map((reader) => reader.entered()))).filter(Boolean).length;
    note(`${let_in} of ${stormSockets} were let in at once`);
    await sleep(2_000);
  } finally {
    for (const reader of open) reader.drop();
  }
};

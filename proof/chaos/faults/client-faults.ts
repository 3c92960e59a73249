import { oneOf } from '../random.js';
import { RawReader } from '../raw-reader.js';
import type { Fault, FaultContext } from './fault.js';

const readers = 12;
/** What a reader asks for and does not read: pages of a thread, so many every half second. */
const pagesAsked = 8;
const stormSockets = 1_000;
/** Of them at once under way. */
const stormWidth = 200;

/** Sockets that have joined every thread of their member. */
const openReaders = async ({ crowd, site, random }: FaultContext, count: number): Promise<RawReader[]> => {
  const opened = await Promise.all(
    Array.from({ length: count }, async () => {
      const talker = oneOf(random, crowd.talkers);
      const reader = new RawReader(oneOf(random, site.urls), (await talker.client.session.token()) ?? '');
      if (await reader.entered()) for (const thread_id of talker.views.keys()) reader.emit('join_thread', { thread_id });
      return reader;
    }),
  );
  return opened;
};

const withReaders =
  (spoil: (reader: RawReader) => void): Fault =>
  async (context) => {
    const open = await openReaders(context, readers);
    try {
      await context.sleep(500);
      for (const reader of open) spoil(reader);
      // Live events alone would take minutes to fill the system's own buffers.
      const thread_id = oneOf(context.random, context.crowd.places).threads[0];
      for (let i = 0; i < 20; i++) {
        for (const reader of open) for (let page = 0; page < pagesAsked; page++) reader.emit('sync_thread', { thread_id, after_rev: 0 });
        await context.sleep(500);
      }
      context.note(`${open.filter(({ ended }) => ended).length} of ${readers} sockets were ended by the server`);
    } finally {
      for (const reader of open) reader.drop();
    }
  };

export const slowReaders = withReaders((reader) => reader.readSlowly(500));
export const stalledReaders = withReaders((reader) => reader.stall());

export const overload: Fault = async ({ crowd, sleep }) => {
  for (let i = 0; i < 3; i++) {
    for (const talker of crowd.talkers) if (talker.online) talker.burst(60);
    await sleep(2_000);
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

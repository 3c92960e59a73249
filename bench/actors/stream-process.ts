/** One side of the peer of remote asks: a stream a side, one XADD a message, read by a blocking XREAD. */
import { Redis } from 'ioredis';
import { contentBytes } from '../load/content.js';
import { answerCalls } from '../processes/calls.js';
import { askPace, type Pace } from './pace.js';
import { type Note, Receiver } from './receiver.js';

/** Streams by name. */
export interface StreamOrder {
  redisUrl: string;
  /** Read here. */
  inbox: string;
  /** Read by the other side. */
  outbox: string;
}

/** About so many entries are kept. */
const kept = 10_000;
/** An ask that is not answered meanwhile fails, ms. */
const patienceMs = 5_000;

type Answer = { id: number; value: number };
type Request = { id: number; note: Note };

let command: Redis | undefined;
let reading: Redis | undefined;
let order: StreamOrder | undefined;
const receiver = new Receiver();
const pending = new Map<number, (value: number) => void>();

const send = (message: Request | Answer): void => {
  void command!.xadd(order!.outbox, 'MAXLEN', '~', kept, '*', 'm', JSON.stringify(message));
};

const take = (message: Request | Answer): void => {
  if ('note' in message) {
    send({ id: message.id, value: receiver.take(message.note) });
    return;
  }
  const resolve = pending.get(message.id);
  pending.delete(message.id);
  if (resolve) resolve(message.value);
  else receiver.faults++;
};

const read = async (inbox: string): Promise<never> => {
  for (let last = '0-0'; ; ) {
    const streams = await reading!.xread('BLOCK', 0, 'STREAMS', inbox, last);
    for (const [id, fields] of streams?.[0]?.[1] ?? []) {
      last = id;
      take(JSON.parse(fields[1]!) as Request | Answer);
    }
  }
};

const start = async (given: StreamOrder): Promise<void> => {
  order = given;
  command = new Redis(given.redisUrl, { lazyConnect: true });
  reading = new Redis(given.redisUrl, { lazyConnect: true });
  await Promise.all([command.connect(), reading.connect()]);
  void read(given.inbox);
};

const ask = async ({ seconds }: { seconds: number }): Promise<Pace> => {
  let next = 0;
  const notes = {
    ask: (note: Note) =>
      new Promise<number>((resolve, reject) => {
        const id = next++;
        const late = setTimeout(() => reject(new Error('not answered')), patienceMs);
        pending.set(id, (value) => {
          clearTimeout(late);
          resolve(value);
        });
        send({ id, note });
      }),
  };
  return askPace(notes, seconds, 'x'.repeat(contentBytes));
};

const found = (): { received: number; faults: number } => ({ received: receiver.received, faults: receiver.faults });

answerCalls({ start, ask, found });

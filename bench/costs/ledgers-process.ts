/** Ledgers on the store as nodes use it, without actors or sockets: what commits and syncs cost, and the driver alone beside them. */
import { MongoClient } from 'mongodb';
import { pino } from 'pino';
import { Ledger } from '../../src/actors/ledger/ledger.js';
import { syncOf } from '../../src/actors/ledger/sync.js';
import { systemClock } from '../../src/kernel/clock.js';
import { newId } from '../../src/kernel/ids.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import { connectStore } from '../../src/store/mongo/client.js';
import { commitDocument } from '../../src/store/mongo/ledger-documents.js';
import { answerCalls } from '../processes/calls.js';

export interface LedgersOrder {
  mongoUrl: string;
  database: string;
  seconds: number;
  /** Ledgers that commit at once, each its next one when the last is stored. */
  atOnce: number;
}

export interface LedgersFigures {
  /** Commits a second, of one ledger and of all at once, and of the driver that inserts as many at once, each alone. */
  alone: number;
  together: number;
  raw: number;
  /** Ms of one `sync`, the middle one of many: nothing new, 50 changes from the store, all of 300 items. */
  nothing: number;
  changes: number;
  snapshot: number;
  /** Syncs a second of members who come back at once, each with one change that they missed, at owners that know nothing yet. */
  returning: number;
}

const logger = pino({ level: 'silent' });
const middle = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const timed = async (times: number, work: (at: number) => Promise<unknown>): Promise<number> => {
  const taken: number[] = [];
  for (let at = 0; at < times; at++) {
    const begin = performance.now();
    await work(at);
    taken.push(performance.now() - begin);
  }
  return middle(taken);
};

const perSecond = async (seconds: number, atOnce: number, work: (worker: number, at: number) => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  const until = begin + seconds * 1_000;
  let done = 0;
  const worker = async (_: unknown, number: number): Promise<void> => {
    for (let at = 0; performance.now() < until; at++, done++) await work(number, at);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return done / ((performance.now() - begin) / 1_000);
};

const run = async ({ mongoUrl, database, seconds, atOnce }: LedgersOrder): Promise<LedgersFigures> => {
  const { store, close } = await connectStore({ url: mongoUrl, database, clock: systemClock, telemetry: new Telemetry(), logger });
  const ledgerOf = (name: string): Ledger => {
    const ledger: Ledger = new Ledger({
      name,
      context: { clock: systemClock, epoch: 1, isLost: false, logger },
      ledgers: store.ledgers,
      committed: () => undefined,
      tendIn: (ms) => void systemClock.after(ms, () => void ledger.tend()),
    });
    return ledger;
  };
  const name = (): string => `me:${newId(Date.now())}`;
  const put = (ledger: Ledger, key: string, value: unknown) =>
    ledger.commit(() => ({ by: null, operation: 'put_setting', changes: [{ kind: 'setting', key, value }] }));

  const one = ledgerOf(name());
  const alone = await perSecond(seconds, 1, (_, at) => put(one, `k${at % 300}`, { at }));
  const many = Array.from({ length: atOnce }, () => ledgerOf(name()));
  const together = await perSecond(seconds, atOnce, (worker, at) => put(many[worker]!, `k${at % 300}`, { at }));

  const client = await new MongoClient(mongoUrl, { writeConcern: { w: 1, journal: true } }).connect();
  const commits = client.db(database).collection('ledger_commits');
  const names = many.map(() => name());
  const raw = await perSecond(seconds, atOnce, (worker, at) => {
    const changes = [{ kind: 'setting', key: `k${at % 300}`, value: { at } }];
    const place = { id: newId(Date.now()), ledger: names[worker]!, rev: at + 1, epoch: 1, at: Date.now(), by: null, op_id: null };
    return commits.insertOne(commitDocument({ ...place, operation: 'put_setting', changes }) as never);
  });
  await client.close();

  const read = ledgerOf(name());
  for (let at = 0; at < 400; at++) await put(read, `k${at % 300}`, { at });
  await read.projected();
  const fresh = (): Ledger => ledgerOf(read.name);
  const reader = fresh();
  await reader.begin();
  const nothing = await timed(200, () => syncOf(reader, store.ledgers, { after_rev: 400 }));
  const changes = await timed(200, () => syncOf(reader, store.ledgers, { after_rev: 350 }));
  const snapshot = await timed(50, () => syncOf(reader, store.ledgers, {}));

  const away = Array.from({ length: atOnce * 20 }, () => name());
  await Promise.all(away.map((each) => put(ledgerOf(each), 'k', 1)));
  const queue = away[Symbol.iterator]();
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const each of queue) await syncOf(ledgerOf(each), store.ledgers, { after_rev: 0 });
    }),
  );
  const returning = away.length / ((performance.now() - begin) / 1_000);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await close();
  return { alone, together, raw, nothing, changes, snapshot, returning };
};

answerCalls({ run });

import { Fault } from '../../src/kernel/errors.js';
import type { LedgerCommit, MessageRecord, Store, WriteOutcome } from '../../src/store/contracts.js';
import type { SimProcess } from './process.js';
import type { Random } from './random.js';

/** What is wrong between one process and the store. Shares are of all calls. */
export interface StoreTrouble {
  /** Above 0 nothing gets there: how many faults say so. */
  away: number;
  /** Ms that everything takes longer, at most. */
  slowMs: number;
  /** Carried out, but the answer is lost. */
  lostReplies: number;
  /** Answered as failed at once, carried out a little later (a write) or not at all. */
  late: number;
  /** Refused without being carried out. */
  refused: number;
}

export const noTrouble = (): StoreTrouble => ({ away: 0, slowMs: 0, lostReplies: 0, late: 0, refused: 0 });

/** Called for every message record that the store has taken, at that moment. */
export type OnCommit = (record: MessageRecord) => void;

type Outcome = { write: () => unknown } | undefined;

const giveUpMs = 3_000;
/** Most late writes come so soon, some after their writer's lease has ended. */
const soonMs = 1_500;
const latestMs = 8_000;

/**
 * One process's way to a store that all share: it takes time, and may fail on the way there, in the store, or on the
 * way back.
 */
export const storeFor = (shared: Store, process: SimProcess, random: Random, trouble: StoreTrouble, onCommit: OnCommit): Store => {
  const { time } = process;

  /** `failed`: what a caller that gets no answer is told instead of a rejection. */
  const call = (apply: () => Promise<unknown>, isWrite: boolean, failed: Outcome): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const answer = (ms: number, then: () => void): void => void time.after(ms, () => process.deliver(then));
      const fail = (ms: number, code: 'unavailable' | 'timeout'): void =>
        answer(ms, () => (failed ? resolve(failed.write()) : reject(new Fault(code, 'The store does not answer'))));
      const travel = (): number => random.between(0.2, 3) + (trouble.slowMs > 0 ? random.between(0, trouble.slowMs) : 0);
      if (process.dead) return;
      if (trouble.away > 0) return fail(random.between(10, giveUpMs), 'unavailable');
      if (random.chance(trouble.refused)) return fail(travel(), 'unavailable');
      if (random.chance(trouble.late)) {
        fail(random.between(10, 500), 'timeout');
        if (isWrite) time.after(random.between(1, random.chance(0.7) ? soonMs : latestMs), () => void apply().catch(() => undefined));
        return;
      }
      time.after(travel(), () => {
        const isLost = random.chance(trouble.lostReplies);
        apply().then(
          (value) => (isLost ? fail(random.between(10, giveUpMs), 'timeout') : answer(travel(), () => resolve(value))),
          (error: unknown) => answer(travel(), () => reject(error)),
        );
      });
    });

  const wrap = <R extends object>(repository: R): R =>
    new Proxy(repository, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => call(async () => Reflect.apply(method, target, args), isWriting(String(name)), undefined);
      },
    });

  /** What answers one by one: only its beginning takes time. */
  const following = <A extends unknown[], T>(all: (...asked: A) => AsyncIterable<T>) =>
    async function* (...asked: A) {
      await call(async () => undefined, false, undefined);
      yield* all(...asked);
    };

  const messages = shared.messages;
  const watched = wrap(messages);
  return {
    history: shared.history,
    members: wrap(shared.members),
    communities: wrap(shared.communities),
    memberships: wrap(shared.memberships),
    threads: new Proxy(wrap(shared.threads), {
      get: (target, name) =>
        name === 'rescopedSince' ? following((ms: number) => shared.threads.rescopedSince(ms)) : Reflect.get(target, name),
    }),
    messages: new Proxy(watched, {
      get: (target, name) => {
        if (name === 'append') {
          return (records: readonly MessageRecord[]) =>
            call(
              async () => {
                const outcomes = await messages.append(records);
                for (const [i, record] of records.entries()) if (outcomes[i] === 'stored') onCommit(record);
                return outcomes;
              },
              true,
              { write: (): WriteOutcome[] => records.map(() => 'unknown') },
            );
        }
        if (name === 'change') {
          return (record: MessageRecord, ifRev: number) =>
            call(
              async () => {
                const outcome = await messages.change(record, ifRev);
                if (outcome === 'stored') onCommit(record);
                return outcome;
              },
              true,
              { write: (): WriteOutcome => 'unknown' },
            );
        }
        if (name === 'threadsChangedSince') return following((ms: number) => messages.threadsChangedSince(ms));
        if (name === 'writtenBy') return following((...asked: Parameters<typeof messages.writtenBy>) => messages.writtenBy(...asked));
        return Reflect.get(target, name);
      },
    }),
    reads: wrap(shared.reads),
    notifications: wrap(shared.notifications),
    search: wrap(shared.search),
    sessions: wrap(shared.sessions),
    epochs: wrap(shared.epochs),
    ledgers: new Proxy(wrap(shared.ledgers), {
      get: (target, name) =>
        name === 'append'
          ? (commits: readonly LedgerCommit[]) =>
              call(() => shared.ledgers.append(commits), true, { write: () => commits.map(() => 'unknown' as const) })
          : Reflect.get(target, name),
    }),
    collection: (definition) => wrap(shared.collection(definition)),
    ping: () => call(() => shared.ping(), false, undefined) as Promise<void>,
  };
};

/** A write without an answer may be carried out later; a read is not. */
const isWriting = (name: string): boolean =>
  /^(insert|put|apply|project|drop|update|raise|set|index|remove|mark|deactivate|touch|end|use|delete|reopen|hold)/.test(name);

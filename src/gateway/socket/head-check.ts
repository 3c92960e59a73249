import { type GetHead, threadAddress } from '../../actors/domain/thread/messages.js';
import type { LedgerHead } from '../../actors/ledger/messages.js';
import { ledgerOwner } from '../../actors/ledger/names.js';
import type { ActorSystem } from '../../actors/runtime/actor.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Part } from '../../kernel/lifecycle.js';
import type { Logger } from '../../kernel/logger.js';
import { isLedgerRoom, ledgerIn } from '../../protocol/rooms.js';
import type { Hub } from './hub.js';

const atOnce = 16;
const triesAgainMs = 3_000;
const tries = 8;

/**
 * Asks where every thread and every ledger with subscribers here stands, a few at a time. What cannot be answered (its
 * new owner is not there yet) is asked again after a while. One run at a time: a demand during a run leads to one more.
 */
export class HeadCheck implements Part {
  readonly name = 'head check';
  readonly #places: () => string[];
  readonly #head: (place: string) => Promise<number>;
  readonly #found: (place: string, rev: number) => void;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #running = false;
  #again = false;
  #stopped = false;

  constructor(parts: {
    places: () => string[];
    head: (place: string) => Promise<number>;
    found: (place: string, rev: number) => void;
    clock: Clock;
    logger: Logger;
  }) {
    this.#places = parts.places;
    this.#head = parts.head;
    this.#found = parts.found;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  run(): void {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    void this.#runAll();
  }

  start(): void {
    this.#stopped = false;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #runAll(): Promise<void> {
    do {
      this.#again = false;
      let left = this.#places();
      for (let round = 0; left.length > 0 && round < tries && !this.#again && !this.#stopped; round++) {
        if (round > 0) await this.#pause(triesAgainMs);
        left = await this.#ask(left);
      }
      if (left.length > 0 && !this.#again)
        this.#logger.warn({ places: left.length }, 'the heads of some threads and ledgers could not be had');
    } while (this.#again && !this.#stopped);
    this.#running = false;
  }

  /** Answers those that could not be asked. */
  async #ask(places: readonly string[]): Promise<string[]> {
    const failed: string[] = [];
    const queue = places[Symbol.iterator]();
    const worker = async (): Promise<void> => {
      for (const place of queue) {
        if (this.#stopped) return;
        try {
          this.#found(place, await this.#head(place));
        } catch (error) {
          if (Fault.from(error).code !== 'not_found') failed.push(place);
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return failed;
  }

  /** A timer that may be dropped: after a stop nobody waits for this. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve));
  }
}

/**
 * Where the rooms of a node stand, asked of the actors: when told to, and whenever what nodes told each other may be
 * lost.
 */
export const headCheckOf = ({ hub, actors, ...tools }: { hub: Hub; actors: ActorSystem; clock: Clock; logger: Logger }): HeadCheck => {
  const ofThread = async (threadId: string): Promise<number> => {
    const { head_rev, closed_in } = await actors.ask<GetHead>(threadAddress(threadId), { type: 'head' });
    if (closed_in !== undefined) hub.closedRooms.found(threadId, closed_in);
    return head_rev;
  };
  const ofLedger = async (ledger: string): Promise<number> =>
    (await actors.ask<LedgerHead>(ledgerOwner(ledger), { type: 'ledger_head', ledger })).head_rev;
  const check = new HeadCheck({
    places: () => [...hub.watch.threads(), ...hub.ledgerRooms()],
    head: (place) => (isLedgerRoom(place) ? ofLedger(ledgerIn(place)) : ofThread(place)),
    found: (place, rev) => (isLedgerRoom(place) ? hub.ledgerReaches(place, rev) : hub.watch.heard([[place, rev]])),
    ...tools,
  });
  hub.onRestored(() => check.run());
  return check;
};

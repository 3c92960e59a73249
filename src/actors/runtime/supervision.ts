import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { entriesAtMost } from '../../kernel/lazy-bound.js';
import type { Address } from './actor.js';
import { addressText } from './address.js';

/** Thrown by an actor when the whole process cannot go on; the node hears of it and decides. */
export class Escalate extends Error {
  override readonly name = 'Escalate';
}

/**
 * Thrown by an actor that can no longer know what is stored, since the store left it without an answer: nobody's defect. It
 * begins anew from what is stored, and however often that happens, it is not quarantined for it. Whoever throws it must have
 * waited for the store before: nothing else paces it.
 */
export class StateLost extends Error {
  override readonly name: string = 'StateLost';
}

/**
 * What a thrown thing does to the activation: a Fault is an answer, and the state is as good as before it; after a StateLost
 * the state is built anew; an Escalate is the node's business; anything else is a defect: the state is built anew too, so
 * often as the restart budget allows.
 */
export type Directive = 'resume' | 'renew' | 'restart' | 'escalate';

export const directiveFor = (thrown: unknown): Directive => {
  if (thrown instanceof Fault) return 'resume';
  if (thrown instanceof StateLost) return 'renew';
  return thrown instanceof Escalate ? 'escalate' : 'restart';
};

export interface RestartLimits {
  /** Failures of one address in the window after which it is quarantined. */
  restarts: number;
  windowMs: number;
  /** How long the first quarantine lasts; each one after it twice as long as the one before, up to `longestCoolDownMs`. */
  coolDownMs: number;
  longestCoolDownMs: number;
  /** Addresses whose failures are remembered; the longest untouched is forgotten first. */
  addresses: number;
}

export const defaultRestarts: RestartLimits = {
  restarts: 5,
  windowMs: 60_000,
  coolDownMs: 30_000,
  longestCoolDownMs: 600_000,
  addresses: 10_000,
};

interface FailureRecord {
  failures: number[];
  /** Monotonic ms at which the last quarantine ends or ended. */
  coolUntil: number;
  /** Quarantines one upon the other. */
  strikes: number;
}

/**
 * How often each address has failed lately. One that fails too often is quarantined: its messages are refused, those of all
 * others go on. Afterwards it is tried again: the first failure within the window sends it back for twice as long, and after
 * as much quiet as the quarantine lasted (at least the window) it counts as any other. Kept in memory alone: another owner
 * starts with a full budget.
 */
export class RestartBudget {
  readonly #clock: Clock;
  readonly #limits: RestartLimits;
  readonly #records: LRUCache<string, FailureRecord>;
  /** Until when, of those in quarantine. */
  readonly #quarantined: LRUCache<string, number>;

  constructor(clock: Clock, limits: RestartLimits = defaultRestarts) {
    this.#clock = clock;
    this.#limits = limits;
    this.#records = new LRUCache(entriesAtMost(limits.addresses));
    this.#quarantined = new LRUCache(entriesAtMost(limits.addresses));
  }

  /** Counts one failure; `stop` once the budget is spent: the address is in quarantine from now on. */
  failed(address: Address): 'restart' | 'stop' {
    const now = this.#clock.monotonic();
    const text = addressText(address);
    const record = this.#records.get(text) ?? { failures: [], coolUntil: Number.NEGATIVE_INFINITY, strikes: 0 };
    const quiet = now - record.coolUntil;
    if (quiet >= Math.max(this.#limits.windowMs, this.#lengthOf(record.strikes))) record.strikes = 0;
    const onTrial = record.strikes > 0 && quiet < this.#limits.windowMs;
    record.failures = record.failures.filter((at) => now - at < this.#limits.windowMs);
    record.failures.push(now);
    const spent = onTrial || record.failures.length > this.#limits.restarts;
    if (spent) {
      record.failures = [];
      record.strikes++;
      record.coolUntil = now + this.#lengthOf(record.strikes);
      this.#quarantined.set(text, record.coolUntil);
    }
    this.#records.set(text, record);
    return spent ? 'stop' : 'restart';
  }

  /** Ms until a quarantined address may be activated again; 0 when it may. */
  coolingMs(address: Address): number {
    if (this.#quarantined.size === 0) return 0;
    const text = addressText(address);
    const left = (this.#quarantined.get(text) ?? 0) - this.#clock.monotonic();
    if (left > 0) return left;
    this.#quarantined.delete(text);
    return 0;
  }

  /** Addresses in quarantine. */
  quarantined(): number {
    const now = this.#clock.monotonic();
    for (const [text, until] of this.#quarantined) if (until <= now) this.#quarantined.delete(text);
    return this.#quarantined.size;
  }

  #lengthOf(strike: number): number {
    return strike === 0 ? 0 : Math.min(this.#limits.longestCoolDownMs, this.#limits.coolDownMs * 2 ** (strike - 1));
  }
}

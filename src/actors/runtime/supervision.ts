import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Address } from './actor.js';
import { addressText } from './address.js';

/** Thrown by an actor when the whole process cannot go on; the node hears of it and decides. */
export class Escalate extends Error {
  override readonly name = 'Escalate';
}

/**
 * What a thrown thing does to the activation: a Fault is an answer, and the state is as good as before it; an Escalate is the
 * node's business; anything else is a defect, after which the state is not trusted and is built anew.
 */
export type Directive = 'resume' | 'restart' | 'escalate';

export const directiveFor = (thrown: unknown): Directive =>
  thrown instanceof Fault ? 'resume' : thrown instanceof Escalate ? 'escalate' : 'restart';

export interface RestartLimits {
  /** Failures of one address in the window after which it is stopped. */
  restarts: number;
  windowMs: number;
  /** How long a stopped address answers `unavailable`. */
  coolDownMs: number;
  /** Addresses whose failures are remembered; the longest untouched is forgotten first. */
  addresses: number;
}

export const defaultRestarts: RestartLimits = { restarts: 5, windowMs: 60_000, coolDownMs: 30_000, addresses: 10_000 };

interface FailureRecord {
  failures: number[];
  /** Monotonic ms; 0 when not stopped. */
  coolUntil: number;
}

/** How often each address has failed lately. Kept in memory alone: another owner starts with a full budget. */
export class RestartBudget {
  readonly #clock: Clock;
  readonly #limits: RestartLimits;
  readonly #records: LRUCache<string, FailureRecord>;

  constructor(clock: Clock, limits: RestartLimits = defaultRestarts) {
    this.#clock = clock;
    this.#limits = limits;
    this.#records = new LRUCache({ max: limits.addresses });
  }

  /** Counts one failure; `stop` once the budget is spent. */
  failed(address: Address): 'restart' | 'stop' {
    const now = this.#clock.monotonic();
    const text = addressText(address);
    const record = this.#records.get(text) ?? { failures: [], coolUntil: 0 };
    record.failures = record.failures.filter((at) => now - at < this.#limits.windowMs);
    record.failures.push(now);
    const spent = record.failures.length > this.#limits.restarts;
    if (spent) {
      record.failures = [];
      record.coolUntil = now + this.#limits.coolDownMs;
    }
    this.#records.set(text, record);
    return spent ? 'stop' : 'restart';
  }

  /** Ms until a stopped address may be activated again; 0 when it may. */
  coolingMs(address: Address): number {
    if (this.#records.size === 0) return 0;
    const record = this.#records.get(addressText(address));
    return record ? Math.max(0, record.coolUntil - this.#clock.monotonic()) : 0;
  }
}

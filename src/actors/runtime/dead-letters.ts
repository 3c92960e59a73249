import type { Clock } from '../../kernel/clock.js';
import type { Fault } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { addressText } from './address.js';
import type { Envelope } from './envelope.js';

export type DeadLetterReason =
  | 'overloaded'
  | 'unknown_kind'
  | 'activation_failed'
  | 'cooling'
  | 'stopped'
  | 'lost'
  | 'no_owner'
  | 'hops'
  | 'unreadable';

/** One log line a reason in so many ms: a flood of lost messages must not become a flood of log lines. */
const LOG_EVERY_MS = 10_000;

/** Tells that reached nobody: every one is counted, some are logged (their type and address, never their content). */
export class DeadLetters {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #telemetry: Telemetry;
  readonly #logged = new Map<DeadLetterReason, number>();

  constructor(clock: Clock, logger: Logger, telemetry: Telemetry) {
    this.#clock = clock;
    this.#logger = logger;
    this.#telemetry = telemetry;
  }

  /** An ask is answered with the fault; a tell, which has nobody to answer, is counted. */
  refuse(envelope: Envelope, fault: Fault, reason: DeadLetterReason): void {
    if (envelope.reply) {
      envelope.reply.reject(fault);
      return;
    }
    this.#telemetry.deadLetters.inc({ reason });
    const now = this.#clock.monotonic();
    const last = this.#logged.get(reason);
    if (last !== undefined && now - last < LOG_EVERY_MS) return;
    this.#logged.set(reason, now);
    this.#logger.warn({ to: addressText(envelope.to), type: envelope.message.type, reason }, 'dead letter');
  }
}

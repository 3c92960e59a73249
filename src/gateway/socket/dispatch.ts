import type { Bound } from '../../catalogue/bound.js';
import type { Caller } from '../../catalogue/caller.js';
import type { Catalogue } from '../../catalogue/catalogue.js';
import type { Invoke } from '../../catalogue/invoke.js';
import type { Connection } from '../../catalogue/ports.js';
import type { Clock } from '../../kernel/clock.js';
import { type ErrorCode, Fault } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { refusedEvent } from './frame-decoder.js';
import type { Subscriber } from './subscriber.js';

type Answer = (answer: { ok: true; data: unknown } | { ok: false; error: ReturnType<Fault['toJSON']> }) => void;

const costly: ReadonlySet<string> = new Set(['validation_failed', 'rate_limited'] satisfies ErrorCode[]);

export interface DispatchParts {
  catalogue: Pick<Catalogue, 'byName'>;
  invoke: Pick<Invoke, 'carryOut'>;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  /** What operations may do with the connection. */
  connectionOf: (subscriber: Subscriber) => Connection;
  /** Requests of one socket without an answer; one more is refused with `overloaded`. */
  maxUnderWay?: number;
  /** Told of what costs its sender more than a frame: unknown, malformed, too often. */
  refused?: (subscriber: Subscriber) => void;
}

/**
 * The one way in for what sockets send: name, then `invoke`, then the acknowledgement. Whatever is sent, `receive` neither throws
 * nor rejects; a failure is answered when there is somebody to answer, and counted. Nothing of the input is echoed.
 */
export class Dispatch {
  readonly #parts: DispatchParts;
  readonly #maxUnderWay: number;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
    this.#maxUnderWay = parts.maxUnderWay ?? 100;
  }

  /** One packet: the operation's name, its arguments, and the acknowledgement last if the client wants one. */
  async receive(subscriber: Subscriber, packet: readonly unknown[]): Promise<void> {
    const { catalogue, clock, logger, telemetry, refused } = this.#parts;
    const last = packet.at(-1);
    const acknowledge = typeof last === 'function' ? (last as Answer) : undefined;
    const name = packet[0];
    const args = packet.slice(1, acknowledge ? -1 : undefined);
    const bound = typeof name === 'string' ? catalogue.byName(name) : undefined;
    const event = bound?.operation.name;
    const request_id = newId(clock.now());
    let outcome = 'ok';
    try {
      if (!bound) throw nothingOf(name);
      const data = await this.#invoke(subscriber, bound, args, request_id);
      acknowledge?.({ ok: true, data });
    } catch (thrown) {
      const fault = Fault.from(thrown);
      outcome = fault.code;
      if (costly.has(fault.code)) refused?.(subscriber);
      if (fault.cause !== undefined) logger.error({ err: fault.cause, event }, 'an event could not be carried out');
      this.#refuse(acknowledge, fault);
    } finally {
      subscriber.answered(request_id);
    }
    telemetry.socketEvents.inc({ event: event ?? 'unknown', outcome });
  }

  #refuse(acknowledge: Answer | undefined, fault: Fault): void {
    try {
      acknowledge?.({ ok: false, error: fault.toJSON() });
    } catch (error) {
      this.#parts.logger.warn({ err: error }, 'an acknowledgement could not be sent');
    }
  }

  /** The data of the acknowledgement is what REST answers; an operation may say that it stands in a field. */
  async #invoke(subscriber: Subscriber, bound: Bound, args: readonly unknown[], request_id: string): Promise<unknown> {
    const { invoke, connectionOf } = this.#parts;
    if (subscriber.underWay >= this.#maxUnderWay) {
      throw new Fault('overloaded', 'Too many requests of this connection are under way', { retry_after_ms: 100 });
    }
    subscriber.connection ??= connectionOf(subscriber);
    subscriber.asks(request_id);
    const caller: Caller = { ...subscriber.caller, request_id };
    const { answer } = await invoke.carryOut(bound, {
      door: subscriber.door,
      origin: { address: caller.address, request_id, user_agent: null },
      identify: () => caller,
      read: () => payloadOf(args),
      connection: subscriber.connection,
    });
    const { wrapped } = bound.operation;
    return wrapped === undefined ? (answer ?? {}) : { [wrapped]: answer };
  }
}

const nothingOf = (name: unknown): Fault =>
  new Fault(
    'validation_failed',
    name === refusedEvent ? 'The frame is nested too deep or holds what is not allowed' : 'There is no such event',
  );

/** The one payload of an event; its text was looked through before it was parsed. Fault `validation_failed`. */
const payloadOf = (args: readonly unknown[]): unknown => {
  if (args.length !== 1) throw new Fault('validation_failed', 'An event takes one payload');
  return args[0];
};

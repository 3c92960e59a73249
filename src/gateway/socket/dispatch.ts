import type { z } from 'zod';
import type { Bound } from '../../catalogue/bound.js';
import type { Caller } from '../../catalogue/caller.js';
import type { Catalogue } from '../../catalogue/catalogue.js';
import type { Invoke } from '../../catalogue/invoke.js';
import type { Clock } from '../../kernel/clock.js';
import { type ErrorCode, Fault } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Logger } from '../../kernel/logger.js';
import { withScope } from '../../kernel/scope.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { type AckData, type ClientEventName, clientEvents } from '../../protocol/events.js';
import { parseRequest } from '../../protocol/problem.js';
import { inspectValue } from '../inspect.js';
import { workOfEvent } from '../limits/work.js';
import type { Limiter, Shedder } from '../ports.js';
import { refusedEvent } from './frame-decoder.js';
import type { Subscriber } from './subscriber.js';

export type EventInput<E extends ClientEventName> = z.output<(typeof clientEvents)[E]['payload']>;

/** What each event does, from a parsed payload to the data of its acknowledgement. One for every event of the contract. */
export type EventHandlers = {
  [E in ClientEventName]: (caller: Caller, payload: EventInput<E>, subscriber: Subscriber) => Promise<AckData<E>>;
};
type AnyHandler = (caller: Caller, payload: unknown, subscriber: Subscriber) => Promise<unknown>;

type Answer = (answer: { ok: true; data: unknown } | { ok: false; error: ReturnType<Fault['toJSON']> }) => void;

const costly: ReadonlySet<string> = new Set(['validation_failed', 'rate_limited'] satisfies ErrorCode[]);

const isKnown = (name: unknown): name is ClientEventName => typeof name === 'string' && Object.hasOwn(clientEvents, name);

/**
 * The one way in for what sockets send: name, form, limit, handler, acknowledgement. Whatever is sent, `receive` neither throws
 * nor rejects; a failure is answered when there is somebody to answer, and counted. Nothing of the input is echoed.
 */
export class Dispatch {
  readonly #handlers: EventHandlers;
  readonly #limiter: Limiter;
  readonly #shedder: Shedder;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #telemetry: Telemetry;
  readonly #operations: { catalogue: Catalogue; invoke: Invoke } | undefined;
  readonly #maxUnderWay: number;
  readonly #refused: (subscriber: Subscriber) => void;

  constructor(parts: {
    handlers: EventHandlers;
    limiter: Limiter;
    shedder: Shedder;
    clock: Clock;
    logger: Logger;
    telemetry: Telemetry;
    /** What can be asked for beside the handlers. */
    operations?: { catalogue: Catalogue; invoke: Invoke } | undefined;
    /** Requests of one socket without an answer; one more is refused with `overloaded`. */
    maxUnderWay?: number;
    /** Told of what costs its sender more than a frame: unknown, malformed, too often. */
    refused?: (subscriber: Subscriber) => void;
  }) {
    this.#handlers = parts.handlers;
    this.#limiter = parts.limiter;
    this.#shedder = parts.shedder;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#telemetry = parts.telemetry;
    this.#operations = parts.operations;
    this.#maxUnderWay = parts.maxUnderWay ?? 100;
    this.#refused = parts.refused ?? (() => undefined);
  }

  /** One packet: the event's name, its arguments, and the acknowledgement last if the client wants one. */
  async receive(subscriber: Subscriber, packet: readonly unknown[]): Promise<void> {
    const last = packet.at(-1);
    const acknowledge = typeof last === 'function' ? (last as Answer) : undefined;
    const name = packet[0];
    const args = packet.slice(1, acknowledge ? -1 : undefined);
    const event = isKnown(name) ? name : undefined;
    const bound = event === undefined && typeof name === 'string' ? this.#operations?.catalogue.byName(name) : undefined;
    let outcome = 'ok';
    try {
      const data = bound ? await this.#invoke(subscriber, bound, args) : await this.#carryOut(subscriber, event, name, args);
      acknowledge?.({ ok: true, data });
    } catch (thrown) {
      const fault = Fault.from(thrown);
      outcome = fault.code;
      if (costly.has(fault.code)) this.#refused(subscriber);
      if (fault.cause !== undefined) this.#logger.error({ err: fault.cause, event }, 'an event could not be carried out');
      this.#refuse(acknowledge, fault);
    }
    this.#telemetry.socketEvents.inc({ event: event ?? bound?.operation.name ?? 'unknown', outcome });
  }

  #refuse(acknowledge: Answer | undefined, fault: Fault): void {
    try {
      acknowledge?.({ ok: false, error: fault.toJSON() });
    } catch (error) {
      this.#logger.warn({ err: error }, 'an acknowledgement could not be sent');
    }
  }

  async #carryOut(subscriber: Subscriber, event: ClientEventName | undefined, name: unknown, args: readonly unknown[]): Promise<unknown> {
    if (!event) {
      throw new Fault(
        'validation_failed',
        name === refusedEvent ? 'The frame is nested too deep or holds what is not allowed' : 'There is no such event',
      );
    }
    this.#demandPlace(subscriber);
    const work = workOfEvent(event);
    if (work !== null) this.#shedder.demand(work);
    subscriber.underWay++;
    try {
      const request_id = newId(this.#clock.now());
      const caller: Caller = { ...subscriber.caller, request_id };
      return await withScope({ request_id, member_id: caller.member_id }, async () => {
        const { limit, payload: schema } = clientEvents[event];
        await this.#limiter.spend(limit, { member_id: caller.member_id, address: caller.address });
        const payload = parseRequest(schema, payloadOf(args), 'payload');
        return (this.#handlers[event] as AnyHandler)(caller, payload, subscriber);
      });
    } finally {
      subscriber.underWay--;
    }
  }

  /** The data of the acknowledgement is what REST answers. */
  async #invoke(subscriber: Subscriber, bound: Bound, args: readonly unknown[]): Promise<unknown> {
    this.#demandPlace(subscriber);
    subscriber.underWay++;
    try {
      const request_id = newId(this.#clock.now());
      const caller: Caller = { ...subscriber.caller, request_id };
      const { answer } = await this.#operations!.invoke.carryOut(bound, {
        door: 'socket',
        origin: { address: caller.address, request_id, user_agent: null },
        identify: () => caller,
        read: () => payloadOf(args),
      });
      return answer ?? {};
    } finally {
      subscriber.underWay--;
    }
  }

  #demandPlace(subscriber: Subscriber): void {
    if (subscriber.underWay < this.#maxUnderWay) return;
    throw new Fault('overloaded', 'Too many requests of this connection are under way', { retry_after_ms: 100 });
  }
}

/** The one payload of an event, looked through. Fault `validation_failed`. */
const payloadOf = (args: readonly unknown[]): unknown => {
  if (args.length !== 1) throw new Fault('validation_failed', 'An event takes one payload');
  inspectValue(args[0]);
  return args[0];
};

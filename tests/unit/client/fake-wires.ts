import type { Dial, WireListener } from '../../../src/client/wire.js';
import { Fault, type FaultJson } from '../../../src/kernel/errors.js';

/** One dialled socket, steered by a test. */
export class FakeWire {
  readonly origin: string;
  readonly sent: { event: string; payload: unknown; ack: (answer: unknown) => void }[] = [];
  readonly token: Promise<string>;
  closed = false;
  readonly #listener: WireListener;

  constructor(origin: string, token: Promise<string>, listener: WireListener) {
    this.origin = origin;
    this.token = token;
    this.#listener = listener;
  }

  open(): void {
    this.#listener.opened();
  }

  ping(): void {
    this.#listener.alive?.();
  }

  refuse(code: FaultJson['code'], retry_after_ms?: number): void {
    this.#listener.refused(new Fault(code, undefined, { retry_after_ms }));
  }

  lose(): void {
    this.#listener.closed();
  }

  tell(name: string, payload: unknown): void {
    this.#listener.event(name, payload);
  }

  /** Answers the oldest unanswered event. */
  answer(data: unknown): void {
    this.sent.shift()?.ack({ ok: true, data });
  }

  refuseEvent(error: FaultJson): void {
    this.sent.shift()?.ack({ ok: false, error });
  }
}

/** Every socket that was dialled, the last one at hand. */
export class FakeWires {
  readonly all: FakeWire[] = [];

  readonly dial: Dial = (origin, token, listener) => {
    const asked = token();
    asked.catch(() => undefined);
    const wire = new FakeWire(origin, asked, listener);
    this.all.push(wire);
    return {
      send: (event, payload, ack) => void wire.sent.push({ event, payload, ack }),
      close: () => {
        wire.closed = true;
      },
    };
  };

  get last(): FakeWire {
    const wire = this.all.at(-1);
    if (!wire) throw new Error('nothing was dialled');
    return wire;
  }
}

import { EventEmitter } from 'node:events';
import type { Wire, WireListener } from '../../src/client/wire.js';
import { type ErrorCode, errorTable, Fault, type FaultJson } from '../../src/kernel/errors.js';
import { Line } from './line.js';
import type { SimProcess } from './process.js';
import type { Random } from './random.js';

/** The server's end of a connection, as Socket.IO takes it from Engine.IO: frames come out of `data`, and go into `write`. */
class EngineEnd extends EventEmitter {
  readonly id: string;
  readonly protocol = 4;
  readonly remoteAddress = '10.0.0.1';
  readonly request = { headers: {}, connection: {}, socket: { remoteAddress: '10.0.0.1' }, url: '/socket.io/', _query: {} };
  readonly transport = { name: 'websocket', writable: true };
  readonly writeBuffer: unknown[] = [];
  readyState = 'open';
  readonly #sent: (frame: string) => void;
  readonly #closed: () => void;

  constructor(id: string, sent: (frame: string) => void, closed: () => void) {
    super();
    this.id = id;
    this.#sent = sent;
    this.#closed = closed;
  }

  write(frame: string): this {
    if (this.readyState === 'open') this.#sent(frame);
    return this;
  }

  close(): this {
    this.end('forced close');
    return this;
  }

  end(reason: string): void {
    if (this.readyState !== 'open') return;
    this.readyState = 'closed';
    this.emit('close', reason);
    this.#closed();
  }
}

/** A process that takes connections. */
export interface Door {
  readonly process: SimProcess;
  /** False while it does not listen. */
  readonly listening: boolean;
  /** Takes over a connection that has been made. */
  accept(end: EventEmitter): void;
}

/** A client's way to whoever listens at an origin. */
export interface Road {
  readonly random: Random;
  /** The process that listens there at this moment. */
  door(origin: string): Door | undefined;
  /** Called for each event and each answer that reaches the client. */
  heard(name: string, payload: unknown, connection: SimConnection): void;
  /** `asked`: when, ms. */
  answered(event: string, answer: unknown, asked: number, connection: SimConnection): void;
  /** The number of the next connection. */
  next(): number;
  opened(connection: SimConnection): void;
  closed(connection: SimConnection): void;
}

const connectLimitMs = 10_000;

/** One socket between a client and a node, in Socket.IO's own frames. */
export class SimConnection implements Wire {
  readonly origin: string;
  /** Of all that its client makes. */
  readonly number: number;
  readonly #road: Road;
  readonly #listener: WireListener;
  readonly #client: SimProcess;
  readonly #up: Line;
  readonly #down: Line;
  readonly #acks = new Map<number, { event: string; asked: number; ack: (answer: unknown) => void }>();
  #end: EngineEnd | undefined;
  #door: Door | undefined;
  #forgetDeath: () => void = () => undefined;
  #count = 0;
  #open = false;
  #over = false;
  /** Nothing passes, and neither side knows. */
  silent = false;

  constructor(origin: string, token: () => Promise<string>, listener: WireListener, client: SimProcess, road: Road) {
    this.origin = origin;
    this.#road = road;
    this.number = road.next();
    this.#listener = listener;
    this.#client = client;
    this.#up = new Line(client.time, road.random, 0.5, 20);
    this.#down = new Line(client.time, road.random, 0.5, 20);
    this.#dial(token);
  }

  send(event: string, payload: unknown, ack: (answer: unknown) => void): void {
    if (!this.#open || this.#over) return;
    const id = this.#count++;
    this.#acks.set(id, { event, asked: this.#client.time.now, ack });
    this.#toServer(`2${id}${JSON.stringify([event, payload])}`);
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#road.closed(this);
    this.#tellServer();
  }

  /** The network ends it. Each side notices when it does. */
  cut(clientMs: number, serverMs: number): void {
    this.silent = true;
    const { time } = this.#client;
    time.after(clientMs, () => this.#client.deliver(() => this.#lost()));
    time.after(serverMs, () => this.#door?.process.deliver(() => this.#end?.end('transport close')));
  }

  #dial(token: () => Promise<string>): void {
    const { time } = this.#client;
    const refused = (fault: Fault): void => {
      if (this.#over) return;
      this.#over = true;
      this.#road.closed(this);
      this.#listener.refused(fault);
    };
    this.#road.opened(this);
    this.#client.clock.after(connectLimitMs, () => {
      if (!this.#open) refused(new Fault('unavailable', 'timeout'));
    });
    token().then(
      (value) =>
        time.after(this.#road.random.between(1, 20), () => {
          const door = this.#road.door(this.origin);
          if (!door || door.process.dead) {
            this.#client.deliver(() => refused(new Fault('unavailable', 'connection refused')));
            return;
          }
          door.process.deliver(() => {
            if (this.#over) return;
            if (door.listening) this.#accepted(door, value);
            else this.#down.carry(() => this.#client.deliver(() => refused(new Fault('unavailable', 'connection refused'))));
          });
        }),
      (thrown: unknown) => refused(Fault.from(thrown)),
    );
  }

  #accepted(door: Door, token: string): void {
    this.#door = door;
    this.#forgetDeath = door.process.onDeath(() => {
      // The kernel of a killed process resets its connections.
      this.#down.carry(() => this.#client.deliver(() => this.#lost()));
    });
    const end = new EngineEnd(
      `e${this.#road.random.bits()}`,
      (frame) => {
        if (!this.silent) this.#down.carry(() => !this.silent && this.#client.deliver(() => this.#received(frame)));
      },
      () => {
        if (!this.silent) this.#down.carry(() => this.#client.deliver(() => this.#lost()));
      },
    );
    this.#end = end;
    door.accept(end);
    end.emit('data', `0${JSON.stringify({ token })}`);
  }

  #toServer(frame: string): void {
    if (this.silent) return;
    this.#up.carry(() => {
      if (this.silent) return;
      this.#door?.process.deliver(() => {
        if (this.#end?.readyState === 'open') this.#end.emit('data', frame);
      });
    });
  }

  #tellServer(): void {
    this.#forgetDeath();
    if (this.silent) return;
    this.#up.carry(() => this.#door?.process.deliver(() => this.#end?.end('transport close')));
  }

  #lost(): void {
    if (this.#over) return;
    this.#over = true;
    this.#forgetDeath();
    this.#road.closed(this);
    if (this.#open) this.#listener.closed();
    else this.#listener.refused(new Fault('unavailable', 'the connection was lost'));
  }

  #received(frame: string): void {
    if (this.#over) return;
    switch (frame[0]) {
      case '0':
        this.#open = true;
        this.#listener.opened();
        return;
      case '1':
        this.#lost();
        return;
      case '2': {
        const [name, payload] = JSON.parse(frame.slice(1)) as [string, unknown];
        this.#road.heard(name, payload, this);
        this.#listener.event(name, payload);
        return;
      }
      case '3': {
        const at = frame.indexOf('[');
        const id = Number(frame.slice(1, at));
        const waiting = this.#acks.get(id);
        this.#acks.delete(id);
        const [answer] = JSON.parse(frame.slice(at)) as [unknown];
        if (waiting) this.#road.answered(waiting.event, answer, waiting.asked, this);
        waiting?.ack(answer);
        return;
      }
      case '4': {
        const { message, data } = JSON.parse(frame.slice(1)) as { message: string; data?: FaultJson };
        const code: ErrorCode = data && data.code in errorTable ? data.code : 'unavailable';
        this.#over = true;
        this.#road.closed(this);
        this.#tellServer();
        this.#listener.refused(new Fault(code, message, { retry_after_ms: data?.retry_after_ms }));
        return;
      }
      default:
        throw new Error(`a frame that no server of Socket.IO sends: ${frame}`);
    }
  }
}

import { Fault, type FaultJson } from '../kernel/errors.js';
import type { EventPayload, ServerEventName } from '../protocol/events.js';
import { atLeast, fullJitter, type Random } from './backoff.js';
import type { Clock, Timer } from './clock.js';
import type { Endpoints } from './endpoints.js';
import { Listeners } from './listeners.js';
import type { Asked, DataOf, PayloadOf } from './operations.js';
import { Silence } from './silence.js';
import type { Dial, Wire } from './wire.js';

export type ConnectionState =
  | { phase: 'closed'; reason: string | null }
  | { phase: 'connecting'; attempt: number }
  | { phase: 'online' }
  | { phase: 'waiting'; attempt: number; retry_at: number };

export interface ConnectionParts {
  endpoints: Endpoints;
  clock: Clock;
  random: Random;
  dial: Dial;
  token(): Promise<string | null>;
  refresh(stale: string): Promise<string>;
}

export interface EmitOptions {
  /** For the whole of it: waiting for a connection and then for the acknowledgement. */
  timeoutMs?: number;
}

const backoff = { baseMs: 500, maxMs: 15_000 };
/** A connection that held for so long was a good one: the next loss starts from the shortest wait again. */
const steadyMs = 5_000;
/** What is under way gets so long to be answered by a node that says it is stopping. */
const lastWordsMs = 1_000;
const maxRenewals = 2;

/** Keeps one socket open as long as it is wanted, on whichever node answers. */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #changed = new Listeners<[ConnectionState]>();
  readonly #heard = new Map<string, Listeners<[unknown]>>();
  readonly #waiting = new Set<(fault: Fault) => void>();
  #state: ConnectionState = { phase: 'closed', reason: null };
  #wire: Wire | undefined;
  #timer: Timer | undefined;
  #steady: Timer | undefined;
  #silence: Silence | undefined;
  /** Called when nothing is under way any more; only while this node is to be left. */
  #answered: (() => void) | undefined;
  #attempt = 0;
  #renewals = 0;
  #token: string | null = null;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    return this.#changed.add(listener);
  }

  /** Hears what the server sends, over all reconnects. */
  on<E extends ServerEventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void {
    let heard = this.#heard.get(event);
    if (!heard) {
      heard = new Listeners();
      this.#heard.set(event, heard);
    }
    return heard.add(listener as (payload: unknown) => void);
  }

  /** Connects, and from then on stays connected until `stop`. Again is harmless. */
  start(): void {
    if (this.#state.phase !== 'closed') return;
    this.#attempt = 0;
    this.#renewals = 0;
    this.#dial();
  }

  /** Ends the connection; what waits for an answer fails. */
  stop(reason: string | null = null): void {
    this.#drop();
    this.#timer?.cancel();
    this.#set({ phase: 'closed', reason });
    this.#failWaiting(new Fault('unavailable', 'The connection was closed'));
  }

  /** The host lost its network: the socket is given up at once instead of waiting for silence to be noticed. */
  networkLost(): void {
    if (this.#state.phase === 'closed') return;
    this.#drop();
    this.#schedule();
  }

  /** The host has its network again (or is looked at again): the next attempt is made now. */
  networkBack(): void {
    if (this.#state.phase !== 'waiting') return;
    this.#attempt = 0;
    this.#dial();
  }

  /** Comes back with a fresh token, after an answer that the old one is refused. */
  async renew(): Promise<void> {
    if (this.#token !== null) await this.#parts.refresh(this.#token);
    if (this.#state.phase === 'closed') return;
    this.#drop();
    this.#dial();
  }

  /** Resolves once online; false when that took longer than given or the connection was stopped. */
  online(timeoutMs: number): Promise<boolean> {
    if (this.#state.phase === 'online') return Promise.resolve(true);
    if (timeoutMs <= 0 || this.#state.phase === 'closed') return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = (answer: boolean): void => {
        forget();
        timer.cancel();
        resolve(answer);
      };
      const timer = this.#parts.clock.after(timeoutMs, () => done(false));
      const forget = this.onState(({ phase }) => {
        if (phase === 'online') done(true);
        if (phase === 'closed') done(false);
      });
    });
  }

  /**
   * Asks the server and resolves with the acknowledgement's data. `unavailable`: it was never sent. `timeout`: it was
   * sent and no answer came, in time or because the socket was lost; the outcome is unknown.
   */
  async emit<E extends Asked>(event: E, payload: PayloadOf<E>, { timeoutMs = 5_000 }: EmitOptions = {}): Promise<DataOf<E>> {
    const until = this.#parts.clock.now() + timeoutMs;
    if (!(await this.online(timeoutMs)) || !this.#wire) throw this.#absent();
    const wire = this.#wire;
    return new Promise<DataOf<E>>((resolve, reject) => {
      const settle = (run: () => void): void => {
        if (!this.#waiting.delete(fail)) return;
        timer.cancel();
        run();
        if (this.#waiting.size === 0) this.#answered?.();
      };
      const fail = (fault: Fault): void => settle(() => reject(fault));
      const timer = this.#parts.clock.after(Math.max(0, until - this.#parts.clock.now()), () => {
        fail(new Fault('timeout'));
        if (this.#wire === wire) this.#silence?.unanswered();
      });
      this.#waiting.add(fail);
      wire.send(event, payload, (answer) => {
        if (this.#wire === wire) this.#silence?.heard();
        settle(() => {
          const { ok, data, error } = (answer ?? {}) as { ok?: boolean; data?: unknown; error?: FaultJson };
          if (ok === true) resolve(data as DataOf<E>);
          else reject(error ? Fault.fromJSON(error) : new Fault('unavailable', 'The server gave no proper answer'));
        });
      });
    });
  }

  #dial(): void {
    this.#timer?.cancel();
    this.#set({ phase: 'connecting', attempt: this.#attempt });
    // What an earlier socket still tells is not about this connection any more.
    const current = (): boolean => this.#wire === wire;
    const wire: Wire = this.#parts.dial(
      this.#parts.endpoints.current,
      async () => {
        this.#token = await this.#parts.token();
        if (this.#token === null) throw new Fault('unauthenticated');
        return this.#token;
      },
      {
        opened: () => current() && this.#opened(),
        refused: (fault) => current() && this.#refused(fault),
        closed: () => current() && this.#lost(),
        alive: () => current() && this.#silence?.alive(),
        event: (name, payload) => current() && this.#event(name, payload),
      },
    );
    this.#wire = wire;
  }

  #opened(): void {
    this.#renewals = 0;
    // A node that says nothing any more is as good as dead, though the network has not noticed: a paused process, a cut cable.
    this.#silence = new Silence(this.#parts.clock, () => this.#lost());
    this.#steady = this.#parts.clock.after(steadyMs, () => {
      this.#attempt = 0;
    });
    this.#set({ phase: 'online' });
  }

  #refused(fault: Fault): void {
    this.#wire = undefined;
    if (fault.code === 'unauthenticated') this.#renewRefused();
    else if (fault.code === 'forbidden') this.stop('forbidden');
    else {
      this.#parts.endpoints.next();
      this.#schedule(fault.retry_after_ms);
    }
  }

  /** Dials again with a new token. Refused time and again, or without a token at all, there is no session to connect. */
  #renewRefused(): void {
    if (this.#token === null || this.#renewals++ >= maxRenewals) {
      this.stop('unauthenticated');
      return;
    }
    const waits = (): boolean => this.#state.phase === 'connecting' && !this.#wire;
    this.#parts.refresh(this.#token).then(
      () => {
        if (waits()) this.#dial();
      },
      (thrown: unknown) => {
        if (!waits()) return;
        if (Fault.from(thrown).retryable) this.#schedule();
        else this.stop('unauthenticated');
      },
    );
  }

  #lost(): void {
    this.#drop();
    this.#parts.endpoints.next();
    this.#schedule();
  }

  #event(name: string, payload: unknown): void {
    this.#silence?.heard();
    if (name === 'draining') this.#leave((payload as EventPayload<'draining'>).retry_after_ms);
    this.#heard.get(name)?.tell(payload);
    if (name === 'session_ended') this.stop((payload as EventPayload<'session_ended'>).reason);
  }

  /** Answers that are under way are waited for, a moment; then this node is left for the next. */
  #leave(retryAfterMs: number): void {
    const wire = this.#wire;
    const go = (): void => {
      if (this.#wire !== wire) return;
      this.#drop();
      this.#parts.endpoints.next();
      this.#schedule(retryAfterMs);
    };
    if (this.#waiting.size === 0) {
      go();
      return;
    }
    this.#answered = go;
    this.#parts.clock.after(lastWordsMs, go);
  }

  #drop(): void {
    this.#steady?.cancel();
    this.#silence?.stop();
    this.#silence = undefined;
    const wire = this.#wire;
    this.#wire = undefined;
    this.#answered = undefined;
    wire?.close();
    this.#failWaiting(new Fault('timeout', 'The connection was lost before the answer; the outcome is unknown'));
  }

  #schedule(askedMs?: number): void {
    this.#timer?.cancel();
    const wait = askedMs === undefined ? fullJitter(this.#attempt, backoff, this.#parts.random) : atLeast(askedMs, this.#parts.random);
    this.#attempt++;
    this.#set({ phase: 'waiting', attempt: this.#attempt, retry_at: this.#parts.clock.now() + wait });
    this.#timer = this.#parts.clock.after(wait, () => this.#dial());
  }

  /** Why nothing can be sent. What was closed for a reason stays closed, so trying again is no use. */
  #absent(): Fault {
    const over = this.#state.phase === 'closed' && this.#state.reason !== null;
    return over ? new Fault('unauthenticated', 'The session is over') : new Fault('unavailable', 'Not connected');
  }

  #failWaiting(fault: Fault): void {
    for (const fail of [...this.#waiting]) fail(fault);
  }

  #set(state: ConnectionState): void {
    this.#state = state;
    this.#changed.tell(state);
  }
}

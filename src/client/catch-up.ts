import { Fault } from '../kernel/errors.js';
import { atLeast, fullJitter } from './backoff.js';
import type { Timer } from './clock.js';
import type { DataOf } from './operations.js';
import type { ThreadPort } from './port.js';
import { isBehind, type ThreadAction, type ThreadState } from './thread-state.js';

export interface CatchUpParts {
  threadId: string;
  port: ThreadPort;
  state(): ThreadState;
  dispatch(action: ThreadAction): void;
  /** The thread is not there for this member, or not any more. */
  gone(fault: Fault): void;
  /** Tells when a join or sync begins or ends. */
  changed(): void;
}

/** A hole may be filled by an event that is only late; after so long it is asked for. */
export const holeMs = 300;
/** Further behind than this, the newest page is worth more than every change in between. */
export const farBehind = 1_000;
/** So many complete answers in a row that do not reach the head that was heard of: then the server's word is taken afresh. */
const maxStale = 5;
const backoff = { baseMs: 400, maxMs: 5_000 };

/**
 * Brings one thread's state up to date and keeps it there: joins at each connection, and fetches what a hole, a `resync`
 * or an absence left missing. One request at a time; everything else that is asked for meanwhile is seen after it.
 */
export class CatchUp {
  readonly #parts: CatchUpParts;
  #joined = false;
  #running = false;
  #failures = 0;
  #stale = 0;
  /** The next request is a join for the newest page, whatever is held. */
  #afresh = false;
  #timer: Timer | undefined;
  /** Counts connections, so that an answer of an earlier one does not pass for a join of this one. */
  #life = 0;
  #over = false;

  constructor(parts: CatchUpParts) {
    this.#parts = parts;
  }

  /** Whether this connection has subscribed and nothing is known to be missing. */
  get isCurrent(): boolean {
    return this.#joined && !this.#running && !isBehind(this.#parts.state());
  }

  /** The connection came up, or went. */
  online(online: boolean): void {
    this.#life++;
    this.#joined = false;
    this.#failures = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (online) this.#run();
    this.#parts.changed();
  }

  /** Something may be missing. An event that is only late gets `holeMs`; a `resync` is followed at once. */
  check(soon: boolean): void {
    if (!this.#joined || this.#running || !isBehind(this.#parts.state())) return;
    if (soon) this.#run();
    else this.#later(holeMs);
  }

  stop(): void {
    this.#over = true;
    this.#timer?.cancel();
  }

  #later(ms: number): void {
    if (this.#timer || this.#over) return;
    this.#timer = this.#parts.port.clock.after(ms, () => {
      this.#timer = undefined;
      this.#run();
    });
  }

  #run(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#running || this.#over || !this.#parts.port.isOnline) return;
    if (this.#joined && !this.#afresh && !isBehind(this.#parts.state())) return;
    this.#running = true;
    const life = this.#life;
    const done = (wait: number | null): void => {
      this.#running = false;
      if (this.#over) return;
      if (life !== this.#life || wait === 0) this.#run();
      else if (wait !== null) this.#later(wait);
      this.#parts.changed();
    };
    this.#step(life).then(
      (wait) => {
        this.#failures = 0;
        done(wait);
      },
      (thrown: unknown) => done(this.#failed(Fault.from(thrown))),
    );
  }

  /** One request. Answers how long to wait before the next one that is needed, or null when none is. */
  async #step(life: number): Promise<number | null> {
    const { port, threadId: thread_id, state, dispatch } = this.#parts;
    const { thread, rev } = state();
    if (this.#joined && !this.#afresh) return this.#take(await port.emit('sync_thread', { thread_id, after_rev: rev }), rev);
    const fresh = thread === null || this.#afresh;
    const answer = await port.emit('join_thread', fresh ? { thread_id } : { thread_id, after_rev: rev });
    if (life !== this.#life) return 0;
    this.#joined = true;
    if (fresh) {
      // What came early belongs to the history that is being left, when there was one.
      dispatch({ type: 'snapshot', thread: answer.thread, head_rev: answer.head_rev, messages: answer.messages, forget: this.#afresh });
      this.#afresh = false;
      this.#stale = 0;
      return isBehind(state()) ? holeMs : null;
    }
    // A head below what was applied is another history (a backup came back): nothing that is held can be trusted then.
    if (answer.head_rev < rev) return this.#startAfresh();
    dispatch({ type: 'thread', thread: answer.thread });
    return this.#take(answer, rev);
  }

  #startAfresh(): number {
    this.#afresh = true;
    return 0;
  }

  #take({ messages, head_rev, complete }: DataOf<'sync_thread'>, asked: number): number | null {
    const { state, dispatch } = this.#parts;
    dispatch({ type: 'page', messages, head_rev, complete });
    if (!complete) {
      if (head_rev - state().rev > farBehind) return this.#startAfresh();
      // A page that is not complete and brings nothing must not be asked for in a tight circle.
      return state().rev > asked ? 0 : holeMs;
    }
    if (!isBehind(state())) {
      this.#stale = 0;
      return null;
    }
    if (++this.#stale >= maxStale) return this.#startAfresh();
    return holeMs * 2 ** Math.min(this.#stale, 4);
  }

  #failed(fault: Fault): number | null {
    const { port } = this.#parts;
    if (fault.code === 'not_found' || fault.code === 'forbidden') {
      this.#parts.gone(fault);
      return null;
    }
    const wait =
      fault.retry_after_ms === undefined ? fullJitter(this.#failures, backoff, port.random) : atLeast(fault.retry_after_ms, port.random);
    this.#failures++;
    return Math.max(50, wait);
  }
}

import { atLeast, fullJitter } from '../../src/client/backoff.js';
import { nowUs } from './content.js';
import { LoadSocket } from './load-socket.js';
import { scanEvents, threadNumber } from './packet-scan.js';
import { type PendingRequests, refusalIn } from './pending.js';
import type { EnterOrder } from './returning-orders.js';

const answerMs = 5_000;
const holeMs = 300;
/** After so long Socket.IO's own client gives a connection up that has not been let in: the system may have dropped it unheard. */
const dialMs = 20_000;
const dialBackoff = { baseMs: 500, maxMs: 15_000 };
const joinBackoff = { baseMs: 400, maxMs: 5_000 };

interface Page {
  head_rev: number;
  /** A peer has no history. */
  messages?: { rev: number }[];
  complete?: boolean;
}

/**
 * A member of one thread who comes back when the connection is lost, and asks for what was missed. Refusals are obeyed as our own
 * client obeys them.
 */
export class ReturningMember {
  readonly #order: EnterOrder;
  readonly #token: string;
  readonly #thread: string;
  readonly #number: number;
  readonly #requests: PendingRequests;
  readonly #seen = new Set<number>();
  #socket: LoadSocket | undefined;
  /** The first head; what came after it must be seen. */
  #base = -1;
  /** Up to here everything is there. */
  #last = 0;
  /** The last rev that came as an event of this connection. */
  #lastEvent = 0;
  #pid: string | null = null;
  #offset: string | null = null;
  #attempt = 0;
  #failures = 0;
  #entered: (() => void) | undefined;
  /** Null: not lost yet, or not level again. */
  backUs: number | null = null;
  top = 0;
  recovered = false;
  duplicates = 0;
  reordered = 0;

  constructor(order: EnterOrder, { token, thread }: EnterOrder['members'][number], requests: PendingRequests) {
    this.#order = order;
    this.#token = token;
    this.#thread = thread;
    this.#number = threadNumber(thread);
    this.#requests = requests;
  }

  get thread(): string {
    return this.#thread;
  }

  /** Resolves when the thread is joined for the first time. */
  enter(): Promise<void> {
    return new Promise((resolve) => {
      this.#entered = resolve;
      this.#dial();
    });
  }

  /** Messages up to `top` that never came. */
  missing(top: number): number {
    let missing = 0;
    for (let rev = this.#base + 1; rev <= top; rev++) if (!this.#seen.has(rev)) missing += 1;
    return missing;
  }

  #dial(): void {
    const { ports, by } = this.#order;
    const port = this.#entered ? ports.first : ports.then;
    const known = by === 'offset' && this.#pid !== null && this.#offset !== null;
    let inside = false;
    this.#lastEvent = 0;
    const late = setTimeout(() => {
      this.#socket = undefined;
      socket.close();
      this.#later();
    }, dialMs);
    const socket = new LoadSocket(port, known ? { token: this.#token, pid: this.#pid, offset: this.#offset } : { token: this.#token }, {
      connected: (bytes, start, end) => {
        inside = true;
        clearTimeout(late);
        this.#attempt = this.#failures = 0;
        const pid = /"pid":"([^"]+)"/.exec(bytes.toString('latin1', start, end))?.[1] ?? null;
        this.recovered = known && pid === this.#pid;
        this.#pid = pid;
        if (this.recovered) this.#level();
        else this.#ask(socket, 'join_thread');
      },
      refused: (why) => {
        clearTimeout(late);
        const told = why.includes('"retry_after_ms"') ? refusalIn(Buffer.from(why), 0, why.length).retryMs : undefined;
        this.#later(told);
      },
      event: (bytes, start, end) => this.#event(bytes, start, end),
      acknowledged: (id, bytes, start, end) => this.#requests.answer(id, bytes, start, end),
      lost: () => {
        clearTimeout(late);
        if (this.#socket !== socket) return;
        if (inside && !this.#entered) this.#comeBack();
        else this.#later();
      },
    });
    this.#socket = socket;
  }

  /** The same spread for whoever is compared. */
  #comeBack(): void {
    this.backUs = null;
    setTimeout(() => this.#dial(), Math.random() * this.#order.jitterMs);
  }

  #later(askedMs?: number): void {
    const wait = askedMs === undefined ? fullJitter(this.#attempt++, dialBackoff, Math.random) : atLeast(askedMs, Math.random);
    setTimeout(() => this.#dial(), wait);
  }

  #event(bytes: Buffer, start: number, end: number): void {
    if (this.#order.by === 'offset') {
      const offset = /,"(\d+-\d+)"\]$/.exec(bytes.toString('latin1', Math.max(start, end - 48), end))?.[1];
      if (offset !== undefined) this.#offset = offset;
    }
    scanEvents(bytes, start, end, {
      message: ({ thread, rev }) => {
        if (thread !== this.#number) return;
        if (rev === this.#lastEvent) this.duplicates += 1;
        else if (rev < this.#lastEvent) this.reordered += 1;
        else this.#lastEvent = rev;
        this.#see(rev);
      },
      resync: () => {
        if (this.#socket) this.#ask(this.#socket, 'sync_thread');
      },
      packed: () => undefined,
    });
  }

  #see(rev: number): void {
    this.#seen.add(rev);
    this.top = Math.max(this.top, rev);
    while (this.#seen.has(this.#last + 1)) this.#last += 1;
  }

  #ask(socket: LoadSocket, event: 'join_thread' | 'sync_thread'): void {
    if (this.#socket !== socket) return;
    const after = this.#order.by === 'rev' && this.#base >= 0 ? `,"after_rev":${this.#last}` : '';
    const again = (askedMs?: number): void => {
      const wait = askedMs === undefined ? fullJitter(this.#failures++, joinBackoff, Math.random) : atLeast(askedMs, Math.random);
      setTimeout(() => this.#ask(socket, event), Math.max(50, wait));
    };
    const id = this.#requests.add({
      deadline: performance.now() + answerMs,
      done: (ok, bytes, start, end) => {
        if (this.#socket !== socket) return;
        if (ok) this.#take(socket, (JSON.parse(bytes.toString('utf8', start, end)) as [{ data: Page }])[0].data);
        else again(bytes.includes('"retry_after_ms"', start) ? refusalIn(bytes, start, end).retryMs : undefined);
      },
      late: () => again(),
    });
    socket.send(event, `{"thread_id":"${this.#thread}"${after}}`, id);
  }

  #take(socket: LoadSocket, { head_rev, messages, complete }: Page): void {
    if (this.#base < 0) {
      this.#base = head_rev;
      this.#last = head_rev;
      this.#entered?.();
      this.#entered = undefined;
      return;
    }
    for (const { rev } of messages ?? []) this.#see(rev);
    if (this.#order.by === 'offset' || (complete && this.#last >= head_rev)) this.#level();
    else setTimeout(() => this.#ask(socket, 'sync_thread'), complete ? holeMs : 0);
  }

  #level(): void {
    this.backUs ??= nowUs();
  }
}

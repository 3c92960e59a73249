import type { Socket } from 'node:net';

export interface Delay {
  ms: number;
  jitterMs: number;
}

const none: Delay = { ms: 0, jitterMs: 0 };
/** What one direction of one connection may hold back; past it the reading stops, and the sender feels it. */
const maxHeldBytes = 1_000_000;

/**
 * One direction of a connection. Bytes keep their order; what is delayed is bounded; a slow receiver slows the sender.
 * While `blocked`, nothing is read: the bytes stay with the sender's system and arrive late once the way is open again.
 */
export class OneWay {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #onChunk: (chunk: Buffer) => Buffer | undefined;
  readonly #held: { due: number; chunk: Buffer }[] = [];
  #heldBytes = 0;
  #delay: Delay = none;
  #blocked = false;
  #full = false;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  /** `onChunk` answers what may pass of a chunk; undefined swallows it. */
  constructor(from: Socket, to: Socket, onChunk: (chunk: Buffer) => Buffer | undefined) {
    this.#from = from;
    this.#to = to;
    this.#onChunk = onChunk;
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    from.on('end', () => {
      this.#ended = true;
      this.#flush();
    });
    to.on('drain', () => {
      this.#full = false;
      this.#flush();
    });
  }

  delay(delay: Delay): void {
    this.#delay = delay;
    if (delay.ms === 0 && delay.jitterMs === 0) for (const held of this.#held) held.due = 0;
    this.#flush();
  }

  block(blocked: boolean): void {
    this.#blocked = blocked;
    this.#flush();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#held.length = 0;
    this.#heldBytes = 0;
  }

  #take(chunk: Buffer): void {
    const passed = this.#onChunk(chunk);
    if (!passed || passed.length === 0) return;
    const wait = this.#delay.ms + Math.random() * this.#delay.jitterMs;
    // Never before what was sent earlier.
    const due = Math.max(wait > 0 ? performance.now() + wait : 0, this.#held.at(-1)?.due ?? 0);
    this.#held.push({ due, chunk: passed });
    this.#heldBytes += passed.length;
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = performance.now();
    while (!this.#blocked && !this.#full && this.#held.length > 0) {
      const first = this.#held[0]!;
      if (first.due > now) {
        this.#timer = setTimeout(() => this.#flush(), first.due - now);
        break;
      }
      this.#held.shift();
      this.#heldBytes -= first.chunk.length;
      if (this.#to.destroyed) continue;
      this.#full = !this.#to.write(first.chunk);
    }
    if (this.#ended && this.#held.length === 0 && !this.#blocked && !this.#to.destroyed) this.#to.end();
    if (this.#blocked || this.#full || this.#heldBytes >= maxHeldBytes) this.#from.pause();
    else if (!this.#from.destroyed) this.#from.resume();
  }
}

import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../../scripts/services/endpoint.js';
import { type Delay, OneWay } from './one-way.js';

export type Direction = 'both' | 'requests' | 'replies';

/** After a reply was swallowed the connection stays for this long, so that what else was asked on it goes through too. */
const swallowMs = 30;

/** A connection through the proxy: `near` is who connected, `far` the target. Either side's loss ends the other. */
export class ProxiedConnection {
  readonly closed: Promise<void>;
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #overPath: boolean;
  readonly #requests: OneWay;
  readonly #replies: OneWay;
  #cut: Direction | undefined;
  #asked = false;
  #dropping = false;
  #reset: NodeJS.Timeout | undefined;

  constructor(near: Socket, target: Endpoint) {
    this.#near = near;
    this.#overPath = 'path' in target;
    this.#far = connect({ ...target, allowHalfOpen: true, noDelay: true });
    near.setNoDelay(true);
    this.#requests = new OneWay(near, this.#far, (chunk) => this.#request(chunk));
    this.#replies = new OneWay(this.#far, near, (chunk) => this.#reply(chunk));
    this.closed = new Promise((resolve) => {
      let open = 2;
      const close = (other: Socket) => () => {
        other.destroy();
        if (--open === 0) {
          clearTimeout(this.#reset);
          this.#requests.close();
          this.#replies.close();
          resolve();
        }
      };
      near.on('close', close(this.#far)).on('error', () => this.reset());
      this.#far.on('close', close(near)).on('error', () => this.reset());
    });
  }

  delay(delay: Delay): void {
    this.#requests.delay(delay);
    this.#replies.delay(delay);
  }

  /** Blocks the named directions and opens the others. */
  block(direction: Direction | undefined): void {
    this.#requests.block(direction === 'both' || direction === 'requests');
    this.#replies.block(direction === 'both' || direction === 'replies');
  }

  /** The next chunk of the direction passes by half, then both sides see a reset. */
  cutMidFrame(direction: Direction): void {
    this.#cut = direction;
  }

  /** Requests pass; the next reply to one of them is swallowed, then both sides see a reset. */
  dropReply(): void {
    this.#asked = false;
    this.#dropping = true;
  }

  forgive(): void {
    this.#cut = undefined;
    this.#dropping = false;
  }

  reset(): void {
    if (!this.#near.destroyed) this.#near.resetAndDestroy();
    if (!this.#far.destroyed) {
      // A Unix socket knows no reset.
      if (this.#far.connecting || this.#overPath) this.#far.destroy();
      else this.#far.resetAndDestroy();
    }
  }

  #request(chunk: Buffer): Buffer | undefined {
    this.#asked = true;
    return this.#half('requests', chunk);
  }

  #reply(chunk: Buffer): Buffer | undefined {
    if (this.#dropping && this.#asked) {
      this.#reset ??= setTimeout(() => this.reset(), swallowMs);
      return undefined;
    }
    return this.#half('replies', chunk);
  }

  #half(direction: Direction, chunk: Buffer): Buffer | undefined {
    if (this.#reset) return undefined;
    if (this.#cut !== direction && this.#cut !== 'both') return chunk;
    // The half must be on its way before the reset, which discards what is not.
    this.#reset = setTimeout(() => this.reset(), swallowMs);
    return chunk.subarray(0, Math.floor(chunk.length / 2));
  }
}

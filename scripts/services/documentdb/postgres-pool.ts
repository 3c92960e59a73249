import type { PostgresConnection } from './postgres-connection.js';

/** No connection became free in time; nothing was sent, so trying again is safe. */
export class PoolBusy extends Error {}

export interface PoolOptions {
  open(): Promise<PostgresConnection>;
  /** The last open connection has gone without having been ended by us. */
  onLost(): void;
  /** Connections that serve requests at once; more than the disk and the cores can use only adds processes. */
  size: number;
  /** Requests that may wait for one of them. */
  waiting: number;
  waitMs: number;
}

interface Waiter {
  resolve(connection: PostgresConnection): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/**
 * A bounded pool. The connection used last is lent first, since PostgreSQL's own caches are warm in it. A pinned connection
 * (a cursor's) leaves the pool until it is given back, so that cursors cannot starve requests.
 */
export class PostgresPool {
  readonly #options: PoolOptions;
  readonly #idle: PostgresConnection[] = [];
  readonly #all = new Set<PostgresConnection>();
  readonly #waiters: Waiter[] = [];
  #lent = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  async take(): Promise<PostgresConnection> {
    if (this.#lent >= this.#options.size) return this.#wait();
    this.#lent++;
    return this.#lend();
  }

  give(connection: PostgresConnection): void {
    if (!connection.closed) {
      const waiter = this.#waiters.shift();
      if (waiter) {
        clearTimeout(waiter.timer);
        waiter.resolve(connection);
        return;
      }
      if (this.#idle.length < this.#options.size) this.#idle.push(connection);
      else connection.end();
    }
    this.#release();
  }

  /** The connection stops counting; it comes back by `unpin` or is ended by whoever pinned it. */
  pin(): void {
    this.#release();
  }

  unpin(connection: PostgresConnection): void {
    this.#lent++;
    this.give(connection);
  }

  #release(): void {
    this.#lent--;
    const waiter = this.#waiters.shift();
    if (!waiter) return;
    clearTimeout(waiter.timer);
    this.#lent++;
    this.#lend().then(waiter.resolve, waiter.reject);
  }

  async #lend(): Promise<PostgresConnection> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) if (!idle.closed) return idle;
    try {
      const connection = await this.#options.open();
      this.#all.add(connection);
      connection.onClose = (ours) => {
        this.#all.delete(connection);
        if (!ours && this.#all.size === 0) this.#options.onLost();
      };
      return connection;
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  #wait(): Promise<PostgresConnection> {
    if (this.#waiters.length >= this.#options.waiting) return Promise.reject(new PoolBusy('too many requests wait for the database'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(new PoolBusy(`no database connection became free in ${this.#options.waitMs} ms`));
      }, this.#options.waitMs);
      const waiter: Waiter = { resolve, reject, timer };
      this.#waiters.push(waiter);
    });
  }
}

import type { LiveItem } from './items.js';
import type { LedgerDelta } from './ledger-delta.js';
import {
  beyondBounds,
  follows,
  type LedgerStore,
  MemoryLedgerStore,
  type StoreBounds,
  type StoredHead,
  type StoredLedger,
  storeBounds,
} from './ledger-store.js';

/** Of what is kept. A later one that keeps it otherwise raises it and drops what was there: the server has it all. */
const version = 1;
const heads = 'heads';
const items = 'items';

type Kept = LiveItem & { ledger: string };

const result = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Every item of a ledger: among keys all texts come before all arrays. */
const rangeOf = (ledger: string): IDBKeyRange => IDBKeyRange.bound([ledger], [ledger, []]);

const isHead = (value: unknown): value is StoredHead => {
  const head = (value ?? {}) as Partial<StoredHead>;
  return typeof head.history === 'string' && [head.rev, head.count, head.used].every(Number.isSafeInteger);
};

const nextUse = (all: readonly StoredHead[]): number => all.reduce((used, head) => Math.max(used, head.used), 0) + 1;

/** One member's ledgers in the browser: a database of their own, shared by the browser's tabs. */
export class IndexedLedgerStore implements LedgerStore {
  readonly name: string;
  readonly #factory: IDBFactory;
  readonly #bounds: StoreBounds;
  #opened: Promise<IDBDatabase> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(memberId: string, factory: IDBFactory, bounds: StoreBounds = storeBounds) {
    this.name = `parley.ledgers.${memberId}`;
    this.#factory = factory;
    this.#bounds = bounds;
  }

  load(ledger: string): Promise<StoredLedger | null> {
    return this.#inTurn((transaction) => this.#read(transaction, ledger));
  }

  save(delta: LedgerDelta): Promise<boolean> {
    return this.#after(async () => {
      for (;;) {
        try {
          return await this.#within((transaction) => this.#write(transaction, delta));
        } catch (thrown) {
          const isFull = (thrown as Partial<Error> | null)?.name === 'QuotaExceededError';
          if (!isFull || !(await this.#within((transaction) => this.#makeRoom(transaction, delta.ledger)))) throw thrown;
        }
      }
    });
  }

  drop(ledger: string): Promise<void> {
    return this.#inTurn(async (transaction) => this.#remove(transaction, ledger));
  }

  dropAll(): Promise<void> {
    return this.#after(async () => {
      const opened = this.#opened;
      this.#opened = undefined;
      (await opened?.catch(() => undefined))?.close();
      // Other tabs let go of it when they hear of this.
      await result(this.#factory.deleteDatabase(this.name));
    });
  }

  async #read(transaction: IDBTransaction, ledger: string): Promise<StoredLedger | null> {
    const all = await this.#heads(transaction);
    const head = all.find((one) => one.ledger === ledger);
    if (!head) return null;
    transaction.objectStore(heads).put({ ...head, used: nextUse(all) } satisfies StoredHead);
    const kept = (await result(transaction.objectStore(items).getAll(rangeOf(ledger)))) as Kept[];
    return { rev: head.rev, history: head.history, items: kept.map(({ ledger: _, ...item }) => item as LiveItem) };
  }

  async #write(transaction: IDBTransaction, delta: LedgerDelta): Promise<boolean> {
    const { ledger, rev, history, put, removed } = delta;
    const all = await this.#heads(transaction);
    const before = all.find((head) => head.ledger === ledger);
    if (!follows(delta, before)) return false;
    const others = all.filter((head) => head !== before);
    const kept = transaction.objectStore(items);
    if (!delta.after) kept.delete(rangeOf(ledger));
    for (const item of put) kept.put({ ...item, ledger } satisfies Kept);
    for (const { kind, key } of removed) kept.delete([ledger, kind, key]);
    const head: StoredHead = { ledger, rev, history, count: await result(kept.count(rangeOf(ledger))), used: nextUse(all) };
    transaction.objectStore(heads).put(head);
    for (const each of beyondBounds([...others, head], ledger, this.#bounds)) this.#remove(transaction, each);
    return true;
  }

  /** Drops the ledger that was used longest ago. False: there is no other. */
  async #makeRoom(transaction: IDBTransaction, staying: string): Promise<boolean> {
    const all = await this.#heads(transaction);
    const [oldest] = beyondBounds(all, staying, { ledgers: all.length - 1, items: Number.MAX_SAFE_INTEGER });
    if (oldest !== undefined) this.#remove(transaction, oldest);
    return oldest !== undefined;
  }

  #remove(transaction: IDBTransaction, ledger: string): void {
    transaction.objectStore(heads).delete(ledger);
    transaction.objectStore(items).delete(rangeOf(ledger));
  }

  async #heads(transaction: IDBTransaction): Promise<StoredHead[]> {
    return ((await result(transaction.objectStore(heads).getAll())) as unknown[]).filter(isHead);
  }

  /** All that `run` asks for stands in the end, or nothing of it. It may wait for nothing but its own requests. */
  async #within<T>(run: (transaction: IDBTransaction) => Promise<T>): Promise<T> {
    const transaction = await this.#begin();
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    let failure: unknown;
    const answer = run(transaction).catch((thrown: unknown) => {
      failure = thrown;
      try {
        transaction.abort();
      } catch {
        // It has ended by itself.
      }
    });
    try {
      await ended;
    } catch {
      await answer;
      // Requests that an end by itself took along say nothing of its reason.
      throw transaction.error ?? failure ?? new DOMException('The transaction was broken off', 'AbortError');
    }
    return (await answer) as T;
  }

  async #begin(): Promise<IDBTransaction> {
    this.#opened ??= this.#open();
    const opened = this.#opened;
    try {
      return (await opened).transaction([heads, items], 'readwrite');
    } catch (thrown) {
      // It was closed meanwhile, or could not be opened; the next call tries anew.
      if (this.#opened === opened) this.#opened = undefined;
      throw thrown;
    }
  }

  async #open(): Promise<IDBDatabase> {
    const request = this.#factory.open(this.name, version);
    request.onupgradeneeded = () => {
      const { result: db } = request;
      for (const name of [...db.objectStoreNames]) db.deleteObjectStore(name);
      db.createObjectStore(heads, { keyPath: 'ledger' });
      db.createObjectStore(items, { keyPath: ['ledger', 'kind', 'key'] });
    };
    const db = await result(request);
    const letGo = (): void => {
      db.close();
      this.#opened = undefined;
    };
    db.onversionchange = letGo;
    db.onclose = letGo;
    return db;
  }

  #inTurn<T>(run: (transaction: IDBTransaction) => Promise<T>): Promise<T> {
    return this.#after(() => this.#within(run));
  }

  #after<T>(run: () => Promise<T>): Promise<T> {
    const next = this.#last.then(run);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

/** In IndexedDB where the host has it, otherwise in memory. */
export const webLedgerStore = (memberId: string): LedgerStore =>
  typeof indexedDB === 'undefined' ? new MemoryLedgerStore() : new IndexedLedgerStore(memberId, indexedDB);

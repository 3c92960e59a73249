/** What a session keeps between two starts of the client. */
export interface StoredTokens {
  access_token: string;
  refresh_token: string;
  /** Wall time in ms at which the access token ends, and how long it lived in all. */
  expires_at: number;
  lifetime_ms: number;
  member_id: string;
}

/**
 * Where tokens are kept. Tabs of one browser share a store, and a refresh token that is used twice ends the session, so
 * `exclusive` must let one run at a time over everything that shares the store.
 */
export interface TokenStore {
  read(): StoredTokens | null;
  write(tokens: StoredTokens | null): void;
  exclusive<T>(run: () => Promise<T>): Promise<T>;
}

/** Runs one after the other within this process. */
const inTurn = (): TokenStore['exclusive'] => {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const next = last.then(run, run);
    last = next.catch(() => undefined);
    return next;
  };
};

/** Tokens that end with the process. */
export class MemoryTokenStore implements TokenStore {
  #tokens: StoredTokens | null = null;
  readonly exclusive = inTurn();

  read(): StoredTokens | null {
    return this.#tokens;
  }

  write(tokens: StoredTokens | null): void {
    this.#tokens = tokens;
  }
}

/** The part of `localStorage` that is needed. */
export type StoragePort = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const isStored = (value: unknown): value is StoredTokens => {
  const t = value as Partial<StoredTokens> | null;
  return (
    typeof t === 'object' &&
    t !== null &&
    typeof t.access_token === 'string' &&
    typeof t.refresh_token === 'string' &&
    typeof t.expires_at === 'number' &&
    typeof t.lifetime_ms === 'number' &&
    typeof t.member_id === 'string'
  );
};

/**
 * Tokens in the browser's storage, shared by its tabs. Where the browser has Web Locks (every secure page) only one tab
 * refreshes at a time; elsewhere the session's jitter keeps tabs apart.
 */
export class WebTokenStore implements TokenStore {
  readonly #storage: StoragePort;
  readonly #key: string;
  readonly #inTurn = inTurn();

  constructor(storage: StoragePort, key = 'parley.tokens') {
    this.#storage = storage;
    this.#key = key;
  }

  read(): StoredTokens | null {
    try {
      const value: unknown = JSON.parse(this.#storage.getItem(this.#key) ?? 'null');
      return isStored(value) ? value : null;
    } catch {
      return null;
    }
  }

  write(tokens: StoredTokens | null): void {
    if (tokens) this.#storage.setItem(this.#key, JSON.stringify(tokens));
    else this.#storage.removeItem(this.#key);
  }

  exclusive<T>(run: () => Promise<T>): Promise<T> {
    const locks = typeof navigator === 'undefined' ? undefined : (navigator.locks as LockManager | undefined);
    return this.#inTurn(async () => (locks ? ((await locks.request(this.#key, run)) as T) : run()));
  }
}

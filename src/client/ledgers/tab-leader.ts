import { Listeners } from '../listeners.js';
import type { LedgerDelta } from './ledger-delta.js';

/** What the tabs of one browser tell each other. */
export type TabMessage =
  /** To the leader: these are wanted here, and nothing is known of them, or not enough. */
  | { type: 'want'; ledgers: readonly string[] }
  /** From a new leader: whatever is wanted has to be said again. */
  | { type: 'leading' }
  | { type: 'delta'; delta: LedgerDelta }
  | { type: 'gone'; ledger: string };

/**
 * One tab among those that share a member in one browser. One of them leads at any time: it alone asks the server for ledgers, and
 * tells the others what it learns. When it ends another one leads.
 */
export interface TabLeader {
  readonly isLeading: boolean;
  /** Tells once, when this tab begins to lead. */
  onLeading(listener: () => void): () => void;
  /** Reaches the other tabs, or is lost; one tab's messages come in order. */
  tell(message: TabMessage): void;
  onTold(listener: (message: TabMessage) => void): () => void;
  /** Lets another one lead. */
  close(): void;
}

/** Without other tabs. */
export const aloneTab = (): TabLeader => ({
  isLeading: true,
  onLeading: () => () => undefined,
  tell: () => undefined,
  onTold: () => () => undefined,
  close: () => undefined,
});

/** By a lock that one tab holds until it ends, however that comes about, and a channel beside it. */
class WebTab implements TabLeader {
  isLeading = false;
  readonly #channel: BroadcastChannel;
  readonly #leading = new Listeners();
  readonly #told = new Listeners<[TabMessage]>();
  readonly #abort = new AbortController();
  #release: () => void = () => undefined;

  constructor(name: string) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<TabMessage>) => this.#told.tell(data);
    const lead = (): Promise<void> =>
      new Promise((resolve) => {
        this.#release = resolve;
        this.isLeading = true;
        this.#leading.tell();
      });
    navigator.locks.request(name, { signal: this.#abort.signal }, lead).catch(() => {
      // Closed before it ever led; or the browser gives out no locks here, and each tab is for itself.
      if (!this.#abort.signal.aborted) void lead();
    });
  }

  onLeading(listener: () => void): () => void {
    return this.#leading.add(listener);
  }

  tell(message: TabMessage): void {
    if (!this.#abort.signal.aborted) this.#channel.postMessage(message);
  }

  onTold(listener: (message: TabMessage) => void): () => void {
    return this.#told.add(listener);
  }

  close(): void {
    this.#abort.abort();
    this.isLeading = false;
    this.#release();
    this.#channel.close();
    this.#leading.clear();
    this.#told.clear();
  }
}

/** Among a browser's tabs where it has locks and channels (every secure page); elsewhere each tab is for itself. */
export const webTab = (memberId: string): TabLeader => {
  const locks = typeof navigator === 'undefined' ? undefined : (navigator.locks as LockManager | undefined);
  return locks && typeof BroadcastChannel !== 'undefined' ? new WebTab(`parley.ledgers.${memberId}`) : aloneTab();
};

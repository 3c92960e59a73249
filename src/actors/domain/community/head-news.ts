import { headOf, type Thread, type ThreadHead } from '../../../protocol/resources.js';

/** A community tells the heads of its open threads so often at most, whatever is said in how many of them. */
export const newsEveryMs = 2_000;
/** Heads in one event: the rest goes with the next. */
export const mostTogether = 200;
/** What waits to be told; the oldest goes first, and is found by the next `sync_heads`. */
const mostWaiting = 10_000;
const mostRemembered = 2_000;

/**
 * Which threads of a community have moved, for members who follow none of them. Those of open threads go together: at once after a quiet
 * time, then once in `newsEveryMs`. That of a closed thread goes by itself and at once, since its actor speaks once in a second or
 * three: so nobody can tell from when they hear of the others what is said in it. What is no news is not told again: an edit or a
 * reaction moves no head.
 */
export class HeadNews {
  readonly #waiting = new Map<string, ThreadHead>();
  /** Of what was told last of open threads, and of closed ones: neither makes room for the other. */
  readonly #told = new Map<string, string>();
  readonly #toldClosed = new Map<string, string>();
  readonly #monotonic: () => number;
  readonly #later: (ms: number) => void;
  readonly #publish: (heads: ThreadHead[], audience?: string) => void;
  #last = Number.NEGATIVE_INFINITY;
  #isDue = false;

  constructor(parts: {
    monotonic: () => number;
    /** `tell(true)` is to be called after so many ms. */
    later: (ms: number) => void;
    /** `audience`: to those alone who may view this thread. */
    publish: (heads: ThreadHead[], audience?: string) => void;
  }) {
    this.#monotonic = parts.monotonic;
    this.#later = parts.later;
    this.#publish = parts.publish;
  }

  /** `tell` follows when all that moved together is noted. */
  note(thread: Thread, isClosed: boolean): void {
    const { id } = thread;
    const head = headOf(thread);
    if (isClosed) {
      this.#waiting.delete(id);
      this.#tellClosed(head);
    } else if (this.#told.get(id) !== textOf(head)) {
      this.#waiting.set(id, head);
      bound(this.#waiting, mostWaiting);
    }
  }

  /** It is being closed: what waits is for those alone who may view it. */
  closes(threadId: string): void {
    const head = this.#waiting.get(threadId);
    this.#waiting.delete(threadId);
    if (head) this.#tellClosed(head);
  }

  forget(threadId: string): void {
    this.#waiting.delete(threadId);
    this.#told.delete(threadId);
    this.#toldClosed.delete(threadId);
  }

  /** Something was noted, or the time has come. */
  tell(isTime = false): void {
    if (isTime) this.#isDue = false;
    if (this.#isDue || this.#waiting.size === 0) return;
    const early = this.#last + newsEveryMs - this.#monotonic();
    if (early <= 0) this.tellNow();
    if (this.#waiting.size === 0) return;
    this.#isDue = true;
    this.#later(early > 0 ? early : newsEveryMs);
  }

  /** What goes together, without waiting for its time. */
  tellNow(): void {
    if (this.#waiting.size === 0) return;
    this.#last = this.#monotonic();
    const heads = [...this.#waiting.values()].slice(0, mostTogether);
    for (const head of heads) {
      this.#waiting.delete(head.thread_id);
      remember(this.#told, head);
    }
    this.#publish(heads);
  }

  #tellClosed(head: ThreadHead): void {
    if (this.#toldClosed.get(head.thread_id) === textOf(head)) return;
    remember(this.#toldClosed, head);
    this.#publish([head], head.thread_id);
  }
}

const textOf = ({ last_seq, last_activity }: ThreadHead): string => `${last_seq} ${last_activity}`;

const remember = (told: Map<string, string>, head: ThreadHead): void => {
  told.delete(head.thread_id);
  told.set(head.thread_id, textOf(head));
  bound(told, mostRemembered);
};

/** The oldest goes. */
const bound = (map: Map<string, unknown>, most: number): void => {
  if (map.size > most) map.delete(map.keys().next().value as string);
};

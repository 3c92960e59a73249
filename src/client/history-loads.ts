import type { Message, Page } from '../protocol/resources.js';
import type { ExcerptPart } from './excerpt.js';
import type { HistoryPlace } from './port.js';
import type { ThreadAction, ThreadState } from './thread-state.js';

export interface HistoryLoadParts {
  read(place: HistoryPlace, limit: number): Promise<Page<Message>>;
  state(): ThreadState;
  dispatch(action: ThreadAction): void;
}

const pageSize = 50;
/** A jump fetches what stands around its message in one request. */
const aroundSize = 100;

/** Fetches parts of a thread's history that are not held, one at a time. */
export class HistoryLoads {
  readonly #parts: HistoryLoadParts;
  #loading: Promise<boolean> | undefined;
  /** Counts how often an excerpt was left: what was asked for before that is not wanted any more. */
  #left = 0;

  constructor(parts: HistoryLoadParts) {
    this.#parts = parts;
  }

  older(): Promise<boolean> {
    const before_seq = this.#parts.state().excerpt?.messages[0]?.seq;
    return this.#load(() => (before_seq === undefined ? this.#older() : this.#excerpt('older', { before_seq }, pageSize)));
  }

  newer(): Promise<boolean> {
    const after_seq = this.#parts.state().excerpt?.messages.at(-1)?.seq;
    if (after_seq === undefined) return Promise.resolve(false);
    return this.#load(() => this.#excerpt('newer', { after_seq }, pageSize));
  }

  async around(seq: number): Promise<void> {
    while (this.#loading) await this.#loading.catch(() => undefined);
    await this.#load(() => this.#excerpt('around', { around_seq: seq }, aroundSize));
  }

  leaveExcerpt(): void {
    this.#left++;
    this.#parts.dispatch({ type: 'excerpt_left' });
  }

  /** The thread began anew, which tells nothing of what changed in an excerpt: it is read again. */
  renewExcerpt(): void {
    const held = this.#parts.state().excerpt?.messages;
    const middle = held?.[held.length >> 1];
    if (middle) this.around(middle.seq).catch(() => undefined);
  }

  #load(load: () => Promise<boolean>): Promise<boolean> {
    this.#loading ??= load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #older(): Promise<boolean> {
    const { read, state, dispatch } = this.#parts;
    const { hasOlder, lowSeq } = state();
    if (!hasOlder) return false;
    dispatch({ type: 'older_asked' });
    const { ticket } = state();
    try {
      const { items } = await read({ before_seq: lowSeq }, pageSize);
      dispatch({ type: 'older', ticket, messages: items, more: items.length > 0 });
    } catch (thrown) {
      dispatch({ type: 'older_failed', ticket });
      throw thrown;
    }
    return state().hasOlder;
  }

  async #excerpt(part: ExcerptPart, place: HistoryPlace, limit: number): Promise<boolean> {
    const { read, state, dispatch } = this.#parts;
    const left = this.#left;
    for (let isLate = true; isLate; ) {
      dispatch({ type: 'older_asked' });
      const { ticket } = state();
      try {
        const { items, next_cursor } = await read(place, limit);
        if (left !== this.#left) {
          dispatch({ type: 'older_failed', ticket });
          break;
        }
        // The thread began anew meanwhile: what changed in between is not known, so it is read once more.
        isLate = ticket !== state().ticket;
        dispatch({ type: 'excerpt', ticket, part, messages: items, more: items.length > 0 && next_cursor !== null });
      } catch (thrown) {
        dispatch({ type: 'older_failed', ticket });
        throw thrown;
      }
    }
    return state().excerpt?.hasOlder ?? state().hasOlder;
  }
}

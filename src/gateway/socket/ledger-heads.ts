import type { Clock, Timer } from '../../kernel/clock.js';
import type { EventPayload } from '../../protocol/events.js';

type Changed = EventPayload<'ledger_changed'>;

interface Told {
  ledger: string;
  head_rev: number;
  /** How often it was told anew since its last change. */
  times: number;
  /** When it is to be told next; monotonic ms. */
  at: number;
}

const tickMs = 1_000;
/** After a change its ledger's head is told anew, with these times between, ms. */
const againMs = [5_000, 8_000, 12_000] as const;
const mostRooms = 100_000;

/**
 * Tells anew, three times within half a minute of its last change, how far a ledger is that this node has published:
 * for those who have missed that and hear nothing else. Not the actor's to do: it may be moved or end meanwhile. After
 * this node's death the others ask. While a ledger goes on changing, its head is told anew all the same.
 */
export class LedgerHeads {
  readonly #tell: (room: string, head: Changed) => void;
  readonly #clock: Clock;
  readonly #told = new Map<string, Told>();
  #timer: Timer | undefined;

  constructor(parts: { tell: (room: string, head: Changed) => void; clock: Clock }) {
    this.#tell = parts.tell;
    this.#clock = parts.clock;
  }

  start(): void {
    this.#timer ??= this.#clock.every(tickMs, () => this.#tick());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** A room was told of a change, or of the head alone. */
  published(room: string, { ledger, head_rev }: Changed): void {
    const known = this.#told.get(room);
    if (known && known.head_rev >= head_rev) return;
    if (known) {
      Object.assign(known, { head_rev, times: 0 });
      return;
    }
    if (this.#told.size >= mostRooms) for (const oldest of this.#told.keys()) if (this.#told.delete(oldest)) break;
    this.#told.set(room, { ledger, head_rev, times: 0, at: this.#clock.monotonic() + againMs[0] });
  }

  #tick(): void {
    const now = this.#clock.monotonic();
    for (const [room, told] of this.#told) {
      if (told.at > now) continue;
      const next = againMs[++told.times];
      if (next === undefined) this.#told.delete(room);
      else told.at = now + next;
      const { ledger, head_rev } = told;
      this.#tell(room, { ledger, after_rev: head_rev, head_rev, items: [] });
    }
  }
}

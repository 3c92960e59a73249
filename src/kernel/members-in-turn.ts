import { Fault } from './errors.js';
import { type Ranked, Ranking } from './ranking.js';

const tooMany = (): Fault => new Fault('overloaded', 'Too many at once; come back in turn', { retry_after_ms: 1_000 });

/** Of work that is let through a few at a time. */
export interface TurnBounds {
  /** Under way at once. */
  atOnce: number;
  /** Waiting for their turn. */
  waiting: number;
}

interface Place {
  go: () => void;
  giveUp: (fault: Fault) => void;
}

/** What a member waits with. */
interface Queue extends Ranked {
  readonly places: Place[];
  /** Counts on: whose turn comes first has the smallest. */
  turn: number;
}

const hasMore = (a: Queue, b: Queue): boolean =>
  a.places.length > b.places.length || (a.places.length === b.places.length && a.turn < b.turn);

/**
 * Lets work through a few at a time, members in turn: whoever asks for much waits behind their own requests, and others
 * hardly at all. When all places to wait are taken, whoever has the most gives up the newest of them to a member with
 * fewer; what finds or keeps no place is refused with `overloaded`. So a few cannot take all places. An arrival looks at
 * a few of those who wait, however many there are.
 */
export class MembersInTurn {
  readonly #bounds: TurnBounds;
  /** Those who wait, in the order of their turns. */
  readonly #waiting = new Map<string, Queue>();
  /** The same, whoever has the most first; of those who have as much, whose turn comes first. */
  readonly #most = new Ranking(hasMore);
  #turns = 0;
  #count = 0;
  #underWay = 0;

  constructor(bounds: TurnBounds) {
    this.#bounds = bounds;
  }

  /** Does the work in its turn and answers as it does. */
  async pass<T>(memberId: string, work: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.#bounds.atOnce) {
      if (this.#count >= this.#bounds.waiting) this.#makeRoom(memberId);
      // Whoever ends hands its place over, so nobody slips in between.
      await new Promise<void>((go, giveUp) => this.#wait(memberId, { go, giveUp }));
    } else this.#underWay++;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #wait(memberId: string, place: Place): void {
    this.#count++;
    const own = this.#waiting.get(memberId);
    if (own) {
      own.places.push(place);
      this.#most.changed(own);
      return;
    }
    const queue = { places: [place], turn: this.#turns++, at: 0 };
    this.#waiting.set(memberId, queue);
    this.#most.add(queue);
  }

  /** Only at the cost of a member with two more: equals do not drive each other out. Fault `overloaded` when there is none. */
  #makeRoom(memberId: string): void {
    const held = this.#waiting.get(memberId)?.places.length ?? 0;
    const most = this.#most.first;
    if (!most || most.places.length < held + 2) throw tooMany();
    this.#count--;
    const { giveUp } = most.places.pop()!;
    this.#most.changed(most);
    giveUp(tooMany());
  }

  #next(): void {
    for (const [memberId, own] of this.#waiting) {
      const { go } = own.places.shift()!;
      this.#count--;
      this.#waiting.delete(memberId);
      if (own.places.length > 0) {
        own.turn = this.#turns++;
        this.#waiting.set(memberId, own);
        this.#most.changed(own);
      } else this.#most.remove(own);
      go();
      return;
    }
    this.#underWay--;
  }
}

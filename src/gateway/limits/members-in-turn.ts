import { Fault } from '../../kernel/errors.js';
import type { TurnstileBounds } from './turnstile.js';

const tooMany = (): Fault => new Fault('overloaded', 'Too many at once; come back in turn', { retry_after_ms: 1_000 });

interface Place {
  go: () => void;
  giveUp: (fault: Fault) => void;
}

/**
 * Lets work through a few at a time, members in turn: whoever asks for much waits behind their own requests, and others hardly at
 * all. When all places to wait are taken, whoever has the most gives up the newest of them to a member with fewer; what finds or keeps
 * no place is refused with `overloaded`. So a few cannot take all places.
 */
export class MembersInTurn {
  readonly #bounds: TurnstileBounds;
  /** Those who wait, in the order of their turns, each with what waits. */
  readonly #waiting = new Map<string, Place[]>();
  #count = 0;
  #underWay = 0;

  constructor(bounds: TurnstileBounds) {
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
    if (own) own.push(place);
    else this.#waiting.set(memberId, [place]);
  }

  /** Only at the cost of a member with two more: equals do not drive each other out. Fault `overloaded` when there is none. */
  #makeRoom(memberId: string): void {
    const held = this.#waiting.get(memberId)?.length ?? 0;
    let most: Place[] | undefined;
    for (const places of this.#waiting.values()) if (places.length > (most?.length ?? held + 1)) most = places;
    if (!most) throw tooMany();
    this.#count--;
    most.pop()!.giveUp(tooMany());
  }

  #next(): void {
    for (const [memberId, own] of this.#waiting) {
      const { go } = own.shift()!;
      this.#count--;
      this.#waiting.delete(memberId);
      if (own.length > 0) this.#waiting.set(memberId, own);
      go();
      return;
    }
    this.#underWay--;
  }
}

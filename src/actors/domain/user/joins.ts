import { Fault } from '../../../kernel/errors.js';
import { bounds } from '../../../protocol/primitives.js';

/** Longer than a community takes to write a membership, or to give it up. */
const heldMs = 60_000;

/**
 * The places that are kept for joins under way. Every join of a member asks their actor first, whichever community it is for
 * and on whichever node, so that joins at once cannot pass the bound together. A crash loses what is kept: joins that are
 * being written just then are not counted by the next activation until they are stored.
 */
export class Joins {
  /** By community, until when it is kept, monotonic ms. */
  readonly #kept = new Map<string, number>();

  constructor(private readonly monotonic: () => number) {}

  /** Kept places, at most. */
  get size(): number {
    return this.#kept.size;
  }

  /** Keeps a place, again is harmless. `active`: the living communities that the member is in, by the store. Fault `conflict` without a place. */
  keep(communityId: string, active: ReadonlySet<string>): void {
    const now = this.monotonic();
    for (const [id, until] of this.#kept) if (until <= now || active.has(id)) this.#kept.delete(id);
    if (active.has(communityId)) return;
    if (!this.#kept.has(communityId) && active.size + this.#kept.size >= bounds.communities)
      throw new Fault('conflict', `A member may be in ${bounds.communities} communities: leave one first`);
    this.#kept.set(communityId, now + heldMs);
  }

  /** What became of the join is stored. */
  ended(communityId: string): void {
    this.#kept.delete(communityId);
  }
}

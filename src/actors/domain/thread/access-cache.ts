import type { ActorContext } from '../../runtime/actor.js';
import { type Access, communityAddress, type GetAccess } from '../community/messages.js';

const limit = 5_000;

/**
 * How members stand, as the community's actor last said. It tells when that changes; should that be lost, an entry is asked
 * for anew `freshMs` after it was asked for: so long a removed member may still be let through at most, however long the answer
 * was under way.
 */
export class AccessCache {
  readonly #entries = new Map<string, { access: Access; until: number }>();

  constructor(
    private readonly context: ActorContext,
    private readonly communityId: string,
    private readonly freshMs = 10_000,
  ) {}

  /** Fault `not_found` when the community is gone. */
  async of(memberId: string, anew = false): Promise<Access> {
    const entry = this.#entries.get(memberId);
    if (entry && !anew && entry.until > this.context.clock.monotonic()) return entry.access;
    const ask: GetAccess = { type: 'access', member_id: memberId, watch: this.context.address.key };
    const until = this.context.clock.monotonic() + this.freshMs;
    const access = await this.context.ask<GetAccess>(communityAddress(this.communityId), ask);
    this.#entries.delete(memberId);
    this.#entries.set(memberId, { access, until });
    if (this.#entries.size > limit) this.#entries.delete(this.#entries.keys().next().value as string);
    return access;
  }

  /** What is told may be older than it seems (a message can be held up on its way): the member's standing is asked for anew. */
  changed(memberId: string): void {
    this.#entries.delete(memberId);
  }

  clear(): void {
    this.#entries.clear();
  }
}

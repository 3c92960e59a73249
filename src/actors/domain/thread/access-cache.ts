import type { ActorContext } from '../../runtime/actor.js';
import { type Access, communityAddress, type GetAccess } from '../community/messages.js';

const limit = 5_000;

/**
 * How members stand, as the community's actor last said. It tells when that changes; should that be lost, an entry is asked
 * for anew after `freshMs`: so long a removed member may still be let through at most.
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
    const access = await this.context.ask<GetAccess>(communityAddress(this.communityId), ask);
    this.changed(access);
    return access;
  }

  changed(access: Access): void {
    this.#entries.delete(access.member_id);
    this.#entries.set(access.member_id, { access, until: this.context.clock.monotonic() + this.freshMs });
    if (this.#entries.size > limit) this.#entries.delete(this.#entries.keys().next().value as string);
  }

  clear(): void {
    this.#entries.clear();
  }
}

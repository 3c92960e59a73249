import type { CommunityRecord, Store } from '../../../store/contracts.js';
import type { ActorContext } from '../../runtime/actor.js';
import { hasUntold, userAddress } from '../user/messages.js';

/** After the store did not answer. */
const againMs = 2_000;

/**
 * Memberships show who owns the community, which stands beside them. The write of the owner leaves a mark on the community, and here the
 * memberships of both owners are marked untold for it. What must hold: the mark goes after that, and nobody becomes the owner before it
 * went; so a crash at any point leaves it for the next owner of the actor, whom the workers' sweep wakes.
 */
export class OwnerNews {
  #isDue = false;

  constructor(
    private readonly context: ActorContext,
    private readonly store: Pick<Store, 'communities' | 'memberships'>,
  ) {}

  /** The community was read, or has another owner since. */
  due(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.context.tellSelf({ type: 'tell_owners' });
  }

  /** Before there is another owner. Rejects when the store does not answer. */
  async settle(): Promise<void> {
    if (this.#isDue) await this.tell();
  }

  /** To be called in turns. Rejects when the store does not answer, and asks to be called again. */
  async tell(): Promise<void> {
    try {
      const stored = await this.store.communities.byId(this.context.address.key);
      if (stored?.untold !== undefined && stored.deleted_at === null) await this.#tell(stored, stored.untold);
      this.#isDue = false;
    } catch (error) {
      this.context.tellSelfAfter(againMs, { type: 'tell_owners' });
      throw error;
    }
  }

  async #tell({ id, owner_id, owner_before }: CommunityRecord, mark: string): Promise<void> {
    const owners = owner_before === undefined ? [owner_id] : [owner_before, owner_id];
    await this.store.memberships.markUntold(id, owners);
    for (const owner of owners) this.context.tell(userAddress(owner), hasUntold('membership'));
    await this.store.communities.told(id, mark);
  }
}

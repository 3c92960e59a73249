import { accountChanged, communitiesToTell } from '../actors/domain/community/account-changes.js';
import { communityAddress } from '../actors/domain/community/messages.js';
import type { ActorSystem } from '../actors/runtime/actor.js';
import type { Clock } from '../kernel/clock.js';
import type { Store } from '../store/contracts.js';

/** Accounts that are looked at in one run. */
const most = 1_000;
/** What was under way when the account changed, a join of its member among it, has ended by then. */
const settledMs = 30_000;

/**
 * Sees to it that communities hear of accounts that were closed or reopened, whichever node died on the way. Goes by the mark of the account and by
 * how its memberships stand, so it may be interrupted and repeated at any point: the mark goes once nothing is left to tell.
 */
export class AccountChanges {
  constructor(
    private readonly store: Pick<Store, 'members' | 'memberships' | 'communities'>,
    private readonly actors: Pick<ActorSystem, 'tell'>,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    for (const change of await this.store.members.accountChanges(this.clock.now() - settledMs, most)) {
      const communities = await communitiesToTell(this.store, change);
      if (communities.length === 0) await this.store.members.accountChangeTold(change);
      for (const id of communities) this.actors.tell(communityAddress(id), accountChanged(change));
    }
  }
}

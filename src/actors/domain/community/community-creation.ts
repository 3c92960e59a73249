import { starterRoleOf } from '../../../authority/roles.js';
import { Fault } from '../../../kernel/errors.js';
import type { Community } from '../../../protocol/resources.js';
import type { CommunityRecord, Store } from '../../../store/contracts.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { Arrivals } from './arrivals.js';
import type { CreateCommunity } from './messages.js';
import type { Standings } from './standings.js';

/** How one community begins: the record first, its owner's membership after it. A crash between the two leaves that to `finish`. */
export class CommunityCreation {
  constructor(
    private readonly context: ActorContext,
    private readonly store: Pick<Store, 'communities'>,
    /** The living community; throws when there is none. */
    private readonly community: () => CommunityRecord,
    /** This is what is stored now. */
    private readonly changed: (stored: CommunityRecord) => void,
    private readonly standings: Pick<Standings, 'get' | 'enrol' | 'view'>,
    private readonly arrivals: Pick<Arrivals, 'keepPlace'>,
  ) {}

  /** `isNew`: there is none with this id, not even a deleted one. Fault `conflict`: somebody else has made it. */
  async carryOut(message: CreateCommunity, isNew: boolean): Promise<Community> {
    const { by } = message;
    if (isNew) {
      await this.arrivals.keepPlace(by);
      const record = this.#record(message);
      await this.store.communities.insert(record);
      this.changed(record);
    }
    if (this.community().created_by !== by) throw new Fault('conflict', 'This id is taken');
    await this.#enrol(by);
    return this.standings.view(by);
  }

  /** Made by an owner whose membership was not written before a crash. */
  async finish(): Promise<void> {
    const { member_count, owner_id } = this.community();
    if (member_count === 0) await this.#enrol(owner_id);
  }

  async #enrol(ownerId: string): Promise<void> {
    if (!(await this.standings.get(ownerId))) await this.standings.enrol(ownerId, [starterRoleOf(this.context.address.key)]);
  }

  #record({ by, name, description, is_public, tags, avatar_url }: CreateCommunity): CommunityRecord {
    const now = this.context.clock.now();
    return {
      id: this.context.address.key,
      kind: 'community',
      name,
      description,
      is_public,
      tags,
      avatar_url,
      created_by: by,
      owner_id: by,
      owner_version: 1,
      handed_over_by: null,
      created_at: now,
      updated_at: now,
      member_count: 1,
      deleted_at: null,
    };
  }
}

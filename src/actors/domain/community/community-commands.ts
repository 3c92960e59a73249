import { authorise } from '../../../authority/authorise.js';
import { nothingThere } from '../../../authority/decide.js';
import { rules } from '../../../authority/rules.js';
import type { Community } from '../../../protocol/resources.js';
import { communityRoom, headsRoom } from '../../../protocol/rooms.js';
import type { CommunityRecord } from '../../../store/contracts.js';
import { toCommunity } from '../../../store/resources.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import type { MembershipNews } from './membership-news.js';
import type { Access, DeleteCommunity, GetCommunity, UpdateCommunity } from './messages.js';
import { demandSee, demandUpdate } from './policy.js';
import type { Standings } from './standings.js';
import type { Watchers } from './watchers.js';

/** The community itself, as people see, change and delete it. */
export class CommunityCommands {
  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
    /** The living community; throws when there is none. */
    private readonly community: () => CommunityRecord,
    /** This is what is stored now. */
    private readonly changed: (stored: CommunityRecord) => void,
    private readonly standings: Pick<Standings, 'view'>,
    private readonly news: Pick<MembershipNews, 'changedForAll'>,
    private readonly watchers: Watchers,
  ) {}

  async carryOut(by: Access, message: GetCommunity | UpdateCommunity | DeleteCommunity): Promise<Community | null> {
    if (message.type === 'delete') return this.#delete(by);
    if (message.type === 'update') await this.#update(by, message);
    else demandSee(by);
    return this.standings.view(by.member_id);
  }

  async #update(by: Access, { patch }: UpdateCommunity): Promise<void> {
    const now = this.context.clock.now();
    demandUpdate(by, patch, now);
    const { id, is_public } = this.community();
    const stored = await this.ports.store.communities.update(id, { ...patch, updated_at: now });
    if (!stored) throw nothingThere();
    this.changed(stored);
    this.ports.fanout.publish(communityRoom(id), 'community_updated', { community: toCommunity(stored) });
    // Permission of those who are no members hangs on it: threads ask anew.
    if (is_public !== stored.is_public) this.news.changedForAll();
  }

  async #delete(by: Access): Promise<null> {
    const deleted_at = this.context.clock.now();
    authorise(rules.delete_community, by, by, deleted_at);
    const { id } = this.community();
    await this.ports.store.communities.update(id, { deleted_at });
    this.changed({ ...this.community(), deleted_at });
    await this.ports.store.threads.deleteByCommunity(id, deleted_at);
    this.watchers.tell({ type: 'community_deleted' });
    this.ports.fanout.publish(communityRoom(id), 'community_deleted', { community_id: id });
    this.ports.fanout.publish(headsRoom(id), 'community_deleted', { community_id: id });
    this.ports.fanout.close({ community_id: id });
    this.ports.nudge.deleted({ community_id: id });
    return null;
  }
}

import { authorise } from '../../../authority/authorise.js';
import { rules } from '../../../authority/rules.js';
import type { Community } from '../../../protocol/resources.js';
import { communityRoom, headsRoom } from '../../../protocol/rooms.js';
import type { CommunityRecord } from '../../../store/contracts.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import type { Commits } from './commits.js';
import type { Access, DeleteCommunity, GetCommunity, UpdateCommunity } from './messages.js';
import { demandSee, demandUpdate } from './policy.js';
import type { Standings } from './standings.js';
import type { Watchers } from './watchers.js';

/** The community itself, as people see, change and delete it. */
export class CommunityCommands {
  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
    private readonly commits: Commits,
    private readonly standings: Pick<Standings, 'access' | 'view'>,
    private readonly watchers: Watchers,
  ) {}

  async carryOut(by: Access, message: GetCommunity | UpdateCommunity | DeleteCommunity): Promise<Community | null> {
    if (message.type === 'delete') return this.#delete(message);
    if (message.type === 'update') await this.#update(message);
    else demandSee(by);
    return this.standings.view(by.member_id);
  }

  #update({ by, patch, if_rev }: UpdateCommunity): Promise<void> {
    return this.commits.commit({ by, operation: 'update_community', if_rev }, async (community) => {
      demandUpdate(await this.standings.access(by), patch, this.context.clock.now());
      const { name = community.name, description = community.description, is_public = community.is_public } = patch;
      const { tags = community.tags, avatar_url = community.avatar_url } = patch;
      return { ...community, name, description, is_public, tags, avatar_url };
    });
  }

  async #delete({ by }: DeleteCommunity): Promise<null> {
    await this.commits.commit({ by, operation: 'delete_community' }, async (community) => {
      const deleted_at = this.context.clock.now();
      const asker = await this.standings.access(by);
      authorise(rules.delete_community, asker, asker, deleted_at);
      return { ...community, deleted_at };
    });
    return null;
  }

  /** Its document says that it was deleted. Harmless when repeated. */
  async deleted({ id, deleted_at }: CommunityRecord): Promise<void> {
    await this.ports.store.threads.deleteByCommunity(id, deleted_at ?? this.context.clock.now());
    this.watchers.tell({ type: 'community_deleted' });
    this.ports.fanout.publish(communityRoom(id), 'community_deleted', { community_id: id });
    this.ports.fanout.publish(headsRoom(id), 'community_deleted', { community_id: id });
    this.ports.fanout.close({ community_id: id });
    this.ports.nudge.deleted({ community_id: id });
  }
}

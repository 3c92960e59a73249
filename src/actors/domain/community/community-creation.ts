import { starterRoleOf } from '../../../authority/roles.js';
import { Fault } from '../../../kernel/errors.js';
import type { Community } from '../../../protocol/resources.js';
import type { CommunityRecord } from '../../../store/contracts.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { Arrivals } from './arrivals.js';
import type { Commits } from './commits.js';
import type { CreateCommunity } from './messages.js';
import type { Standings } from './standings.js';

/**
 * How one community begins: the record with its first commit, its owner's membership after it. A crash between the two
 * leaves that to `finish`.
 */
export class CommunityCreation {
  constructor(
    private readonly context: ActorContext,
    private readonly commits: Pick<Commits, 'record' | 'there' | 'create' | 'settle'>,
    private readonly standings: Pick<Standings, 'get' | 'enrol' | 'view'>,
    private readonly arrivals: Pick<Arrivals, 'keepPlace'>,
  ) {}

  /** Fault `conflict`: somebody else has made it. */
  async carryOut(message: CreateCommunity): Promise<Community> {
    const { by } = message;
    if (this.commits.record === null) {
      await this.arrivals.keepPlace(by);
      await this.commits.create(this.#record(message));
    } else await this.commits.settle();
    if (this.commits.there().created_by !== by) throw new Fault('conflict', 'This id is taken');
    await this.#enrol(by);
    return this.standings.view(by);
  }

  /** Made by an owner whose membership was not written before a crash. */
  async finish(): Promise<void> {
    const { member_count, owner_id } = this.commits.there();
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
      handed_over_by: null,
      created_at: now,
      updated_at: now,
      member_count: 1,
      deleted_at: null,
      ledger_rev: 1,
    };
  }
}

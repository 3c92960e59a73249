import type { Member } from '../../../protocol/resources.js';
import { communityRoom, memberRoom } from '../../../protocol/rooms.js';
import { toMember } from '../../../store/resources.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import { Round } from './round.js';

/** Between two turns in which communities are told, ms. */
const tellMs = 1;

/**
 * Tells the member's own devices and their communities what the member is called and looks like. A hint, told once:
 * whoever misses it, as when this node dies, sees the profile with the next answer that has it.
 */
export class ProfileNews {
  readonly #round = new Round<Member>();

  constructor(
    private readonly context: ActorContext,
    private readonly ports: Pick<DomainPorts, 'store' | 'fanout'>,
  ) {}

  /** It was written. In a turn; rejects when the store does not answer. */
  async changed(): Promise<void> {
    const { store, fanout } = this.ports;
    const { key } = this.context.address;
    const record = await store.members.byId(key);
    if (!record) return;
    const communities = (await store.memberships.listByMember(key)).map(({ community_id }) => community_id);
    const member = toMember(record, this.context.clock.now());
    fanout.publish(memberRoom(key), 'member_updated', { member });
    const isTelling = this.#round.open;
    this.#round.begin(communities, member);
    if (!isTelling) this.tell();
  }

  /** The next communities. */
  tell(most?: number): void {
    const { places, news } = this.#round.next(most);
    for (const id of places) this.ports.fanout.publish(communityRoom(id), 'member_updated', { member: news });
    if (this.#round.open) this.context.tellSelfAfter(tellMs, { type: 'tell_profile' });
  }
}

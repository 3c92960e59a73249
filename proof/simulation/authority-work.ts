import { isClosedThread } from '../../src/authority/closure.js';
import type { Message } from '../../src/protocol/resources.js';
import type { Act, AuthorityAct } from '../history/history.js';
import type { Random } from './random.js';
import type { SimDevice } from './sim-device.js';
import type { SimCommunity, World } from './world.js';

const weights = {
  begin_closed: 3,
  let_in: 8,
  take_out: 8,
  override: 8,
  give_role: 7,
  take_role: 6,
  change_role: 5,
  order_roles: 1,
  hand_over: 1,
} as const;

const grants = [[], ['mention_all'], ['administrator'], ['administrator', 'mention_all']] as const;

export interface Answered {
  message?: Message;
  read_seq?: number;
  thread?: string;
}
export type Ask = (device: SimDevice, act: Act, work: () => Promise<Answered>) => Promise<unknown>;

/** What people do about who may view what: nearly always by the owner of that moment, now and then by somebody who may not. */
export class AuthorityWork {
  readonly #world: World;
  readonly #ask: Ask;

  constructor(world: World, ask: Ask) {
    this.#world = world;
    this.#ask = ask;
  }

  async act(index: number, random: Random): Promise<void> {
    const world = this.#world;
    const community = random.pick(world.communities);
    const owner = await world.ownerOf(community.id);
    const kind = random.weighted(weights);
    const thread = await this.#threadOf(community, random);
    const whom = await this.#whomOf(kind, community, thread, random);
    const by = random.chance(0.06) ? random.pick(community.members) : kind === 'take_out' && random.chance(0.2) ? whom : owner;
    const act = this.#actOf(kind, community, thread, whom, random);
    const device = world.deviceOf(by);
    await this.#ask(device, act, () => this.#carryOut(device, act, index, community));
  }

  /** Mostly one that is closed. */
  async #threadOf({ threads }: SimCommunity, random: Random): Promise<string> {
    const stored = await this.#world.store.threads.byIds(threads);
    const closed = threads.filter((id) => stored.some((one) => one.id === id && isClosedThread(one)));
    return closed.length === 0 || random.chance(0.15) ? random.pick(threads) : random.pick(closed);
  }

  /** Mostly somebody whom it makes a difference to. */
  async #whomOf(kind: AuthorityAct['do'], { id, members }: SimCommunity, thread: string, random: Random): Promise<string> {
    const may = await this.#world.views();
    const those: string[] = [];
    for (const member of members) {
      if ((await this.#world.belongs(id, member)) && may(member, thread) !== (kind === 'let_in')) those.push(member);
    }
    return those.length === 0 || random.chance(0.15) ? random.pick(members) : random.pick(those);
  }

  #actOf(
    kind: AuthorityAct['do'],
    { id: community, members, roles }: SimCommunity,
    thread: string,
    whom: string,
    random: Random,
  ): AuthorityAct {
    const role = random.pick(roles);
    switch (kind) {
      case 'begin_closed':
        return { do: kind, community, people: members.filter(() => random.chance(0.4)) };
      case 'let_in':
      case 'take_out':
        return { do: kind, community, thread, whom };
      case 'override': {
        const subject = random.pick([`role:${community}`, ...roles.map((id) => `role:${id}`), `role:${role}`, `member:${whom}`]);
        const say = random.pick(['allow', 'deny', 'nothing'] as const);
        // Everybody is let in less often, so that closed threads stay so for a while.
        const isOpening = subject === `role:${community}` && random.chance(0.7);
        const [allow, deny] = isOpening ? [[], ['view']] : [say === 'allow' ? ['view'] : [], say === 'deny' ? ['view'] : []];
        return { do: kind, community, thread, subject, allow, deny };
      }
      case 'give_role':
      case 'take_role':
        return { do: kind, community, whom, role };
      case 'change_role':
        return { do: kind, community, role, permissions: random.pick(grants) };
      case 'order_roles':
        return { do: kind, community, roles: random.chance(0.5) ? roles : [...roles].reverse() };
      case 'hand_over':
        return { do: kind, community, whom };
    }
  }

  async #carryOut(device: SimDevice, act: AuthorityAct, index: number, community: SimCommunity): Promise<Answered> {
    const { operations } = device.client;
    const community_id = community.id;
    switch (act.do) {
      case 'begin_closed': {
        const { id } = await operations.createThread({
          community_id,
          title: `closed ${index}`,
          is_private: true,
          member_ids: [...act.people],
        });
        this.#world.hasBegun(community, id, [device.memberId, ...act.people]);
        return { thread: id };
      }
      case 'let_in':
        await operations.addThreadMember({ thread_id: act.thread, member_id: act.whom });
        return {};
      case 'take_out':
        await operations.removeThreadMember({ thread_id: act.thread, member_id: act.whom });
        return {};
      case 'override': {
        const { thread: thread_id, subject, allow, deny } = act;
        if (allow.length + deny.length === 0) await operations.deleteOverride({ thread_id, subject });
        else await operations.setOverride({ thread_id, subject, allow: [...allow] as 'view'[], deny: [...deny] as 'view'[] });
        return {};
      }
      case 'give_role':
        await operations.giveRole({ community_id, member_id: act.whom, role_id: act.role });
        return {};
      case 'take_role':
        await operations.takeRole({ community_id, member_id: act.whom, role_id: act.role });
        return {};
      case 'change_role':
        await operations.updateRole({ community_id, role_id: act.role, permissions: [...act.permissions] as 'view'[] });
        return {};
      case 'order_roles':
        await operations.orderRoles({ community_id, role_ids: [...act.roles] });
        return {};
      case 'hand_over':
        await operations.handOverCommunity({ community_id, member_id: act.whom });
        return {};
    }
  }
}

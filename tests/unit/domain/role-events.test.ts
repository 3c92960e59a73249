import { expect, it } from '@jest/globals';
import type { Permission } from '../../../src/authority/permissions.js';
import { starterRoleOf } from '../../../src/authority/roles.js';
import {
  type CommunityState,
  emptyCommunity,
  withCommunity,
  withJoined,
  withMemberRoles,
  withMembers,
  withoutMember,
  withRoles,
} from '../../../src/client/community-state.js';
import { newId } from '../../../src/kernel/ids.js';
import type { EventPayload } from '../../../src/protocol/events.js';
import type { Community, CommunityRole, Membership } from '../../../src/protocol/resources.js';
import { toMembership } from '../../../src/store/resources.js';
import { aMember } from './a-member.js';
import { Stage } from './stage.js';

const [ada, bob] = [newId(11), newId(12)];

/** What a device has that asks for everything now. */
const fetched = async (stage: Stage, myself: string): Promise<CommunityState> => {
  const community = await stage.askCommunity<Community>({ type: 'get', by: myself });
  const record = (await stage.base.communities.byId(stage.community))!;
  const members: Membership[] = [];
  for (const m of await stage.base.memberships.listByCommunity(stage.community, { limit: 10 })) {
    members.push(toMembership(record, m, (await stage.base.members.byId(m.member_id))!, stage.clock.now()));
  }
  return withMembers(withCommunity(emptyCommunity, community, myself), members);
};

/** The same, from events. */
const heard = (state: CommunityState, events: Stage['published'], myself: string): CommunityState =>
  events.reduce((now, { event, payload }) => {
    if (event === 'roles_changed') return withRoles(now, (payload as EventPayload<'roles_changed'>).roles);
    if (event === 'member_roles_changed') return withMemberRoles(now, payload as EventPayload<'member_roles_changed'>, myself);
    if (event === 'community_updated') return withCommunity(now, (payload as EventPayload<'community_updated'>).community, myself);
    if (event === 'member_left') return withoutMember(now, (payload as EventPayload<'member_left'>).member_id);
    if (event === 'member_joined') return withJoined(now, (payload as EventPayload<'member_joined'>).member, '');
    return now;
  }, state);

/** What roles decide of it. */
const rolesOf = ({ community, members }: CommunityState) => ({
  me: community?.me && { ...community.me, joined_at: null },
  members: Object.fromEntries([...members].map(([id, { role, roles }]) => [id, { role, roles }])),
});

it('whoever applies the events to what they had knows what a fresh fetch tells', async () => {
  const stage = await new Stage().open();
  const everybody = [stage.owner, ada, bob];
  for (const [at, id] of everybody.entries()) await stage.base.members.insert(aMember(id, `member-${at}`));
  for (const by of [ada, bob]) await stage.askCommunity({ type: 'join', by });
  const by = stage.owner;
  const create = async (name: string, permissions: Permission[]): Promise<string> => {
    const text = { name, color: null, permissions, mentionable: false };
    return (await stage.askCommunity<{ role: CommunityRole }>({ type: 'create_role', by, id: newId(20), ...text })).role.id;
  };
  const starter = starterRoleOf(stage.community);
  const [low, high] = [await create('Low', ['pin_messages']), await create('High', ['manage_bots'])];
  const acts: (() => Promise<unknown>)[] = [
    () => create('New', []),
    () => stage.askCommunity({ type: 'give_role', by, member_id: ada, role_id: low }),
    () => stage.askCommunity({ type: 'give_role', by, member_id: ada, role_id: high }),
    () => stage.askCommunity({ type: 'change_membership', by, member_id: bob, role: 'moderator' }),
    () => stage.askCommunity({ type: 'order_roles', by, role_ids: [high, low, starter, ...others()] }),
    () => stage.askCommunity({ type: 'update_role', by, role_id: high, patch: { permissions: ['administrator'] } }),
    () => stage.askCommunity({ type: 'update_role', by, role_id: stage.community, patch: { permissions: ['view'] } }),
    () => stage.askCommunity({ type: 'take_role', by, member_id: ada, role_id: low }),
    () => stage.askCommunity({ type: 'delete_role', by, role_id: high }),
    () => stage.askCommunity({ type: 'leave', by: ada }),
    () => stage.askCommunity({ type: 'join', by: ada }),
    () => stage.askCommunity({ type: 'hand_over', by, member_id: bob }),
  ];
  const others = (): string[] => roles.filter((id) => ![low, high, starter, stage.community].includes(id));
  let roles: string[] = [];
  const held = new Map<string, CommunityState>();
  for (const id of everybody) held.set(id, await fetched(stage, id));
  for (const act of acts) {
    roles = (await stage.askCommunity<CommunityRole[]>({ type: 'list_roles', by })).map(({ id }) => id);
    const from = stage.published.length;
    await act();
    await stage.clock.advance(10);
    for (const id of everybody) {
      const now = heard(held.get(id)!, stage.published.slice(from), id);
      const fresh = await fetched(stage, id);
      // Who has left follows nothing, and begins anew.
      if (fresh.community?.me && now.community?.me) expect([String(act), rolesOf(now)]).toEqual([String(act), rolesOf(fresh)]);
      held.set(id, fresh);
    }
  }
  await stage.actors.stop();
});

import { Fault } from '../kernel/errors.js';
import type { Thread } from '../protocol/resources.js';
import type { CommunityItems } from './community-items.js';
import {
  type CommunityState,
  withCommunity,
  withJoined,
  withMemberRoles,
  withoutMember,
  withPresence,
  withProfile,
  withRoles,
} from './community-state.js';
import type { CommunityPort } from './port.js';

export type CommunityChange = (state: CommunityState) => CommunityState;

export interface CommunityEventParts {
  change(change: CommunityChange): void;
  /** As `change`; of which threads one may see as well, and then all who do it spread themselves, if not `atOnce`. */
  changeSight(change: CommunityChange, atOnce: boolean): void;
  /** What the community's ledger says, which is right: events may be late. */
  items(): CommunityItems;
  made(thread: Thread): void;
  heard(thread: Thread): void;
  deleted(threadId: string): void;
  gone(fault: Fault): void;
}

/** Follows what is told of one community, until each of the answers is called. */
export const onCommunityEvents = (id: string, port: CommunityPort, parts: CommunityEventParts): (() => void)[] => [
  port.on('new_thread', ({ thread }) => thread.community_id === id && parts.made(thread)),
  port.on('thread_updated', ({ thread }) => thread.community_id === id && parts.heard(thread)),
  port.on('thread_deleted', ({ community_id, thread_id }) => community_id === id && parts.deleted(thread_id)),
  port.on('member_joined', ({ community_id, member }) => {
    const at = new Date(port.clock.now()).toISOString();
    if (community_id === id) parts.change((state) => withJoined(state, member, at));
  }),
  port.on('member_left', ({ community_id, member_id }) => {
    if (community_id !== id) return;
    if (member_id === port.memberId) parts.gone(new Fault('forbidden', 'You are not a member any more'));
    else parts.change((state) => withoutMember(state, member_id));
  }),
  port.on('community_updated', ({ community }) => {
    if (community.id === id) parts.change((state) => withCommunity(state, { ...community, ...parts.items().community }, port.memberId));
  }),
  port.on('roles_changed', ({ community_id, roles }) => {
    // All who hold one that was deleted look again.
    if (community_id === id && parts.items().roles.length === 0) parts.changeSight((state) => withRoles(state, roles), false);
  }),
  port.on('member_roles_changed', (event) => {
    if (event.community_id === id) parts.changeSight((state) => withMemberRoles(state, event, port.memberId), true);
  }),
  port.on('community_deleted', ({ community_id }) => {
    if (community_id === id) parts.gone(new Fault('not_found', 'The community was deleted'));
  }),
  port.on('member_updated', ({ member }) => parts.change((state) => withProfile(state, member))),
  port.on('presence', ({ member_id, presence }) => parts.change((state) => withPresence(state, member_id, presence))),
];

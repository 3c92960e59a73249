import { bind } from '../../catalogue/bound.js';
import { Communities } from './communities.js';
import {
  changeMembership,
  createCommunity,
  deleteCommunity,
  getCommunity,
  handOverCommunity,
  joinAsMember,
  leaveAsMember,
  listCommunities,
  listCommunitiesOfMember,
  listCommunityMembers,
  removeMember,
  updateCommunity,
} from './contract.js';
import { Memberships } from './memberships.js';

export const operations = [
  bind(listCommunities, (caller, input, { ports }) => ports.one(Communities).list(caller, input)),
  bind(createCommunity, (caller, input, { ports }) => ports.one(Communities).create(caller, input)),
  bind(getCommunity, (caller, { community_id }, { ports }) => ports.one(Communities).get(caller, community_id)),
  bind(updateCommunity, (caller, input, { ports }) => ports.one(Communities).update(caller, input)),
  bind(deleteCommunity, (caller, { community_id }, { ports }) => ports.one(Communities).delete(caller, community_id)),
  bind(handOverCommunity, (caller, input, { ports }) => ports.one(Communities).handOver(caller, input.community_id, input.member_id)),
  bind(joinAsMember, (caller, { community_id }, { ports }) => ports.one(Memberships).join(caller, community_id)),
  bind(leaveAsMember, (caller, { community_id }, { ports }) => ports.one(Memberships).leave(caller, community_id)),
  bind(listCommunityMembers, (caller, input, { ports }) => ports.one(Memberships).list(caller, input.community_id, input)),
  bind(changeMembership, (caller, input, { ports }) => ports.one(Memberships).change(caller, input)),
  bind(removeMember, (caller, input, { ports }) => ports.one(Memberships).remove(caller, input)),
  bind(listCommunitiesOfMember, (caller, input, { ports }) => ports.one(Communities).ofMember(caller, input.member_id, input)),
] as const;

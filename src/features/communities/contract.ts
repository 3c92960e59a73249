import { z } from 'zod';
import { bit, signedIn } from '../../authority/allow.js';
import { rules } from '../../authority/rules.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { community as inCommunity } from '../../catalogue/place.js';
import { ifRev } from '../../protocol/ledgers.js';
import { bounds, id, line, pageInput, query, tags, timestamp, webUrl } from '../../protocol/primitives.js';
import { community, membership, newCommunity, ownMembership, page, role } from '../../protocol/resources.js';

const place = ({ community_id }: { community_id: string }) => inCommunity(community_id);
const byCommunity = z.strictObject({ community_id: id });

export const membershipItem = defineItem({
  kind: 'membership',
  ledger: 'me',
  summary: 'How one stands in a community to which one belongs, by its id',
  value: ownMembership,
  most: { items: bounds.communities, valueBytes: 3_072 },
});

export const communityItem = defineItem({
  kind: 'community',
  ledger: 'community',
  summary: 'The community, by its id, with its one owner; without how many are in it, and what one is there oneself',
  value: community.omit({ member_count: true, me: true }),
});

export const listCommunities = defineOperation({
  name: 'list_communities',
  tag: 'communities',
  summary: "Public communities and one's own; q is any part of the name, q and tag without regard to case and accents",
  allow: signedIn,
  decided_by: 'invoke',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ ...pageInput, q: query.optional(), tag: line(1, bounds.tag).optional(), mine: z.boolean().optional() }),
  answer: page(community),
  rest: { method: 'get', path: '/communities', status: 200 },
  example: { mine: true },
});

export const createCommunity = defineOperation({
  name: 'create_community',
  tag: 'communities',
  summary: 'Found a community and own it; public unless said otherwise',
  allow: signedIn,
  decided_by: 'community',
  limit: 'write',
  repeat: { no: 'each call makes one' },
  input: z.strictObject(newCommunity),
  answer: community,
  rest: { method: 'post', path: '/communities', status: 201 },
  example: { name: 'Gardeners' },
});

export const getCommunity = defineOperation({
  name: 'get_community',
  tag: 'communities',
  summary: 'One community',
  place,
  allow: rules.get_community,
  decided_by: 'community',
  limit: 'read',
  repeat: 'read',
  input: byCommunity,
  answer: community,
  rest: { method: 'get', path: '/communities/:community_id', status: 200 },
  example: {},
});

export const updateCommunity = defineOperation({
  name: 'update_community',
  tag: 'communities',
  summary: 'Change what is given; only the owner makes a private one public',
  place,
  allow: rules.update_community,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  audited: true,
  input: z.strictObject({
    community_id: id,
    name: newCommunity.name.optional(),
    description: newCommunity.description.unwrap().nullable().optional(),
    is_public: z.boolean().optional(),
    tags: tags.optional(),
    avatar_url: webUrl.nullable().optional(),
    if_rev: ifRev,
  }),
  answer: community,
  rest: {
    ...{ method: 'patch', path: '/communities/:community_id', status: 200 },
    aliases: [{ method: 'put', path: '/communities/:community_id' }],
  },
  example: { description: 'For whoever grows things' },
});

export const deleteCommunity = defineOperation({
  name: 'delete_community',
  tag: 'communities',
  summary: 'Delete it with everything in it',
  place,
  allow: rules.delete_community,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  audited: true,
  input: byCommunity,
  answer: z.undefined(),
  rest: { method: 'delete', path: '/communities/:community_id', status: 204 },
  example: {},
});

export const handOverCommunity = defineOperation({
  name: 'hand_over_community',
  tag: 'communities',
  summary:
    'Hand it over to another member; who gave it up is a moderator then. Again is harmless. ' +
    'An administrator of the installation may where the owner cannot sign in (any more)',
  place,
  allow: rules.hand_over_community,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  audited: true,
  input: z.strictObject({ community_id: id, member_id: id }),
  answer: community,
  rest: { method: 'put', path: '/communities/:community_id/owner', status: 200 },
  example: {},
});

export const joinAsMember = defineOperation({
  name: 'join_as_member',
  tag: 'communities',
  summary: 'Become a member of a public community; again is harmless. Not while banned',
  place,
  allow: rules.join_as_member,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  input: byCommunity,
  answer: community,
  rest: { method: 'post', path: '/communities/:community_id/join', status: 200 },
  example: {},
});

export const leaveAsMember = defineOperation({
  name: 'leave_as_member',
  tag: 'communities',
  summary: 'Stop being a member. An owner hands over ownership first',
  allow: signedIn,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  input: byCommunity,
  answer: z.undefined(),
  rest: { method: 'post', path: '/communities/:community_id/leave', status: 204 },
  example: {},
});

export const listCommunityMembers = defineOperation({
  name: 'list_community_members',
  tag: 'communities',
  summary: 'Its members, longest first',
  place,
  allow: bit('view'),
  decided_by: 'community',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ community_id: id, ...pageInput }),
  answer: page(membership),
  rest: { method: 'get', path: '/communities/:community_id/members', status: 200 },
  example: {},
});

export const changeMembership = defineOperation({
  name: 'change_membership',
  tag: 'communities',
  summary:
    'Give a role, mute, ban or unban; only below one’s own rank. An owner who makes an owner becomes a moderator. Nobody becomes ' +
    'a member by this, except that an administrator of the installation may add somebody with the role member',
  place,
  allow: rules.change_membership,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  audited: true,
  input: z.strictObject({
    community_id: id,
    member_id: id,
    role: role.optional(),
    muted_until: timestamp.nullable().optional(),
    is_banned: z.boolean().optional(),
  }),
  answer: membership,
  rest: {
    ...{ method: 'patch', path: '/communities/:community_id/members/:member_id', status: 200 },
    aliases: [{ method: 'put', path: '/communities/:community_id/members/:member_id' }],
  },
  example: { role: 'moderator' },
});

export const removeMember = defineOperation({
  name: 'remove_member',
  tag: 'communities',
  summary: 'Remove a member, who may join again',
  place,
  allow: rules.remove_member,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  audited: true,
  input: z.strictObject({ community_id: id, member_id: id }),
  answer: z.undefined(),
  rest: { method: 'delete', path: '/communities/:community_id/members/:member_id', status: 204 },
  example: {},
});

export const listCommunitiesOfMember = defineOperation({
  name: 'list_communities_of_member',
  tag: 'members',
  summary: 'Communities of a member that one may see',
  allow: signedIn,
  decided_by: 'invoke',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ member_id: id, ...pageInput }),
  answer: page(community),
  rest: { method: 'get', path: '/members/:member_id/communities', status: 200 },
  example: {},
});

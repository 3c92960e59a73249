import { z } from 'zod';
import { anyOf, anyone, author, bit, signedIn } from '../../authority/allow.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { community as inCommunity } from '../../catalogue/place.js';
import { id, nonce, timestamp } from '../../protocol/primitives.js';
import { community, page } from '../../protocol/resources.js';

export const inviteBounds = {
  /** Living ones of a community. */
  living: 100,
  uses: 100_000,
  /** A year. */
  seconds: 31_536_000,
  code: 64,
} as const;

/** Any text: one that no invite can have is refused like one that none has. */
const code = z.string().min(1).max(inviteBounds.code).meta({ example: 'V1StGXR8_Z5jdHi6B-myTqLw' });

export const invite = z
  .object({
    id,
    code,
    url: z.string().meta({ description: 'For people; beginning with / where the installation does not know its own address' }),
    uses: z.int().min(0),
    max_uses: z.int().min(1).nullable().meta({ description: 'null: as many as come' }),
    expires_at: timestamp.nullable(),
    role_id: id.nullable().meta({ description: 'The role with which people come in, while its maker may give it' }),
    created_by: id,
    created_at: timestamp,
    community_id: id,
  })
  .meta({ id: 'Invite' });
export type Invite = z.infer<typeof invite>;

export const inviteItem = defineItem({
  kind: 'invite',
  ledger: 'permission',
  summary:
    'A living invite of the community, by its id, in `community:<id>:manage_invites`; one that was used up, revoked or cleared away is deleted',
  value: invite,
});

export const createInvite = defineOperation({
  name: 'create_invite',
  tag: 'invites',
  summary: 'Make a link that lets people into a community, also a private one',
  place: ({ community_id }) => inCommunity(community_id),
  allow: bit('create_invite'),
  decided_by: 'community',
  limit: 'write',
  repeat: 'by nonce',
  audited: true,
  input: z.strictObject({
    community_id: id,
    max_uses: z.int().min(1).max(inviteBounds.uses).optional(),
    expires_in_s: z.int().min(1).max(inviteBounds.seconds).optional(),
    role_id: id.optional().meta({ description: 'Given to whoever comes in: one that the maker may give' }),
    nonce: nonce.optional(),
  }),
  answer: invite,
  rest: { method: 'post', path: '/communities/:community_id/invites', status: 201, alsoStatus: 200 },
  example: { max_uses: 10, expires_in_s: 604_800 },
});

export const listInvites = defineOperation({
  name: 'list_invites',
  tag: 'invites',
  summary: 'The living invites of a community, newest first: all with manage_invites, else those that one made',
  place: ({ community_id }) => inCommunity(community_id),
  allow: anyOf(bit('manage_invites'), author('view')),
  decided_by: 'community',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ community_id: id }),
  answer: page(invite),
  rest: { method: 'get', path: '/communities/:community_id/invites', status: 200 },
  example: {},
});

export const revokeInvite = defineOperation({
  name: 'revoke_invite',
  tag: 'invites',
  summary: 'End an invite',
  allow: anyOf(bit('manage_invites'), author('view')),
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  audited: true,
  input: z.strictObject({ invite_id: id }),
  answer: z.undefined(),
  rest: { method: 'delete', path: '/invites/:invite_id', status: 204 },
  example: { invite_id: '665f1c2ab3d4e5f60718293a' },
});

export const previewInvite = defineOperation({
  name: 'preview_invite',
  tag: 'invites',
  summary: 'Where an invite leads',
  allow: anyone,
  decided_by: 'invoke',
  limit: 'probe',
  work: 'history',
  repeat: 'read',
  input: z.strictObject({ code }),
  answer: z.object({ community: community.pick({ id: true, name: true, description: true, member_count: true, avatar_url: true }) }),
  rest: { method: 'get', path: '/invites/:code', status: 200 },
  example: { code: 'V1StGXR8_Z5jdHi6B-myTqLw' },
});

export const acceptInvite = defineOperation({
  name: 'accept_invite',
  tag: 'invites',
  summary: 'Become a member by an invite',
  allow: signedIn,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({ code }),
  answer: community,
  rest: { method: 'post', path: '/invites/:code/accept', status: 200 },
  example: { code: 'V1StGXR8_Z5jdHi6B-myTqLw' },
});

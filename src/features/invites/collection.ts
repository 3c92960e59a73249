import { z } from 'zod';
import { defineCollection, type RecordOf, storedId, storedTime } from '../../store/collection.js';
import { inviteBounds } from './contract.js';

/** One that was revoked stays, so that it can be revoked again, until it is cleared away with its uses. */
export const invites = defineCollection({
  name: 'invites',
  schema: z.object({
    id: storedId,
    code: z.string().min(1).max(inviteBounds.code),
    community_id: storedId,
    created_by: storedId,
    created_at: storedTime,
    max_uses: z.int().min(1).nullable(),
    expires_at: storedTime.nullable(),
    revoked_at: storedTime.nullable(),
    /** Given to whoever comes in, while whoever made the invite may give it. */
    role_id: storedId.nullable(),
  }),
  key: 'id',
  indexes: {
    code: { on: { code: 1 }, unique: true },
    community: { on: { community_id: 1, created_at: 1, id: 1 } },
  },
  queries: {
    byCode: { index: 'code', equal: ['code'] },
    newest: { index: 'community', equal: ['community_id'], backwards: true },
  },
});
export type InviteRecord = RecordOf<typeof invites>;

/**
 * Who came by which invite, as its how manyeth, numbered from 1: the unique numbers make `max_uses` exact, whoever writes. Written
 * before the membership. `is_owed`: nobody has noted yet that the membership was made.
 */
export const inviteUses = defineCollection({
  name: 'invite_uses',
  schema: z.object({
    id: storedId,
    invite_id: storedId,
    community_id: storedId,
    member_id: storedId,
    number: z.int().min(1),
    at: storedTime,
    is_owed: z.boolean(),
  }),
  key: 'id',
  indexes: {
    member: { on: { invite_id: 1, member_id: 1 }, unique: true },
    number: { on: { invite_id: 1, number: 1 }, unique: true },
    owed: { on: { community_id: 1, is_owed: 1, id: 1 } },
  },
  queries: {
    ofMember: { index: 'member', equal: ['invite_id', 'member_id'] },
    latest: { index: 'number', equal: ['invite_id'], backwards: true },
    owed: { index: 'owed', equal: ['community_id', 'is_owed'] },
  },
});
export type UseRecord = RecordOf<typeof inviteUses>;

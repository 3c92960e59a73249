import { z } from 'zod';
import { signedIn } from '../../authority/allow.js';
import { defineOperation } from '../../catalogue/operation.js';
import { id, pageInput, query } from '../../protocol/primitives.js';
import { member, page, self } from '../../protocol/resources.js';

export const listMembers = defineOperation({
  name: 'list_members',
  tag: 'members',
  summary: 'Active members, by username; q is how any word of the username or full name begins, however it is accented',
  allow: signedIn,
  decided_by: 'invoke',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ ...pageInput, q: query.optional() }),
  answer: page(member),
  rest: { method: 'get', path: '/members', status: 200 },
  example: { q: 'ada' },
});

export const getMemberByUsername = defineOperation({
  name: 'get_member_by_username',
  tag: 'members',
  summary: 'A member by name',
  allow: signedIn,
  decided_by: 'invoke',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ username: z.string().max(64) }),
  answer: z.union([self, member]),
  rest: { method: 'get', path: '/members/username/:username', status: 200 },
  example: { username: 'ada' },
});

export const getMember = defineOperation({
  name: 'get_member',
  tag: 'members',
  summary: 'A member; oneself with e-mail and communities',
  allow: signedIn,
  decided_by: 'invoke',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ member_id: id }),
  answer: z.union([self, member]),
  rest: { method: 'get', path: '/members/:member_id', status: 200 },
  example: {},
});

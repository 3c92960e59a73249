import { z } from 'zod';
import { mostOverrides, ofThreads } from '../../authority/overrides.js';
import { rules } from '../../authority/rules.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { thread as inThread } from '../../catalogue/place.js';
import { id } from '../../protocol/primitives.js';
import { member, page } from '../../protocol/resources.js';

const subject = z
  .string()
  .regex(/^(role|member):[0-9a-f]{24}$/)
  .meta({
    description: '`role:<id>` or `member:<id>`; the role everyone has the id of the community',
    example: 'role:665f1c2ab3d4e5f60718293a',
  });

const permissions = z.array(z.enum(ofThreads)).max(ofThreads.length);

export const override = z
  .object({ subject, allow: permissions, deny: permissions })
  .meta({ id: 'Override', description: 'What a thread allows or denies to some, other than their roles do' });
export type OverrideResource = z.infer<typeof override>;

export const personItem = defineItem({
  kind: 'member',
  ledger: 'thread',
  summary: 'What somebody is allowed or denied in a closed thread, other than by their roles, by the member’s id',
  value: z.object({ member_id: id, allow: permissions, deny: permissions }),
});

const place = ({ thread_id }: { thread_id: string }) => inThread(thread_id);
const stated = { tag: 'threads', place, decided_by: 'thread' } as const;
const changes = { ...stated, limit: 'write', repeat: 'same', audited: true } as const;
const oneOverride = { thread_id: id, subject };
const onePerson = { thread_id: id, member_id: id };
const ofOverride = '/threads/:thread_id/overrides/:subject';
const ofPerson = '/threads/:thread_id/members/:member_id';

export const listOverrides = defineOperation({
  ...stated,
  name: 'list_overrides',
  summary: `What a thread allows and denies to whom; at most ${mostOverrides}`,
  allow: rules.list_overrides,
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ thread_id: id }),
  answer: page(override),
  rest: { method: 'get', path: '/threads/:thread_id/overrides', status: 200 },
  example: {},
});

export const setOverride = defineOperation({
  ...changes,
  name: 'set_override',
  summary:
    'Allow or deny something to a role or a member in one thread, as a whole. Deny counts before allow among roles, a member’s own ' +
    'counts last. Denying `view` closes the thread. Only what one holds oneself, and only below one’s own rank',
  allow: rules.set_override,
  input: z.strictObject({ ...oneOverride, allow: permissions.default([]), deny: permissions.default([]) }),
  answer: override,
  rest: { method: 'put', path: ofOverride, status: 200 },
  example: { subject: 'role:665f1c2ab3d4e5f60718293a', allow: ['view'], deny: ['post'] },
});

export const deleteOverride = defineOperation({
  ...changes,
  name: 'delete_override',
  summary: 'Roles alone say again what somebody may in a thread; again is harmless',
  allow: rules.set_override,
  input: z.strictObject(oneOverride),
  answer: z.undefined(),
  rest: { method: 'delete', path: ofOverride, status: 204 },
  example: { subject: 'role:665f1c2ab3d4e5f60718293a' },
});

export const listThreadMembers = defineOperation({
  ...stated,
  name: 'list_thread_members',
  summary: 'The people who were let into a closed thread by name. Who sees it by a role, or stands above, is not among them',
  allow: rules.list_overrides,
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ thread_id: id }),
  answer: page(member),
  rest: { method: 'get', path: '/threads/:thread_id/members', status: 200 },
  example: {},
});

export const addThreadMember = defineOperation({
  ...changes,
  name: 'add_thread_member',
  summary: 'Let a member of the community into a closed thread; again is harmless',
  allow: rules.change_people,
  input: z.strictObject(onePerson),
  answer: z.undefined(),
  rest: { method: 'put', path: ofPerson, status: 204 },
  example: {},
});

export const removeThreadMember = defineOperation({
  ...changes,
  name: 'remove_thread_member',
  summary: 'Take somebody out of a closed thread, or go oneself; again is harmless. Who stands above overrides still sees it',
  allow: rules.change_people,
  input: z.strictObject(onePerson),
  answer: z.undefined(),
  rest: { method: 'delete', path: ofPerson, status: 204 },
  example: {},
});

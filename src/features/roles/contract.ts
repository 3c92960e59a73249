import { z } from 'zod';
import { rules } from '../../authority/rules.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { community as inCommunity } from '../../catalogue/place.js';
import { ifRev } from '../../protocol/ledgers.js';
import { bounds, id, nonce } from '../../protocol/primitives.js';
import { communityRole, membership, permission, roleText } from '../../protocol/resources.js';

const place = ({ community_id }: { community_id: string }) => inCommunity(community_id);
const all = z.object({ items: z.array(communityRole), next_cursor: z.null() });

export const roleItem = defineItem({
  kind: 'role',
  ledger: 'community',
  summary: 'A role of the community, by its id; how high it stands is said by role_order',
  value: communityRole.omit({ position: true }),
});

export const roleOrderItem = defineItem({
  kind: 'role_order',
  ledger: 'community',
  summary: 'How the roles stand, under the key order: the highest first, all but everyone, which is the last',
  value: z.object({ role_ids: z.array(id) }),
});

export const listRoles = defineOperation({
  name: 'list_roles',
  tag: 'roles',
  summary: 'The roles of a community, the highest first and everyone last',
  place,
  allow: rules.list_roles,
  decided_by: 'community',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ community_id: id }),
  answer: all,
  rest: { method: 'get', path: '/communities/:community_id/roles', status: 200 },
  example: {},
});

export const createRole = defineOperation({
  name: 'create_role',
  tag: 'roles',
  summary: 'Make a role, the lowest above everyone; it grants only what one holds oneself',
  place,
  allow: rules.create_role,
  decided_by: 'community',
  limit: 'write',
  repeat: 'by nonce',
  audited: true,
  input: z.strictObject({
    community_id: id,
    name: roleText.name,
    color: roleText.color.optional(),
    permissions: roleText.permissions.optional(),
    mentionable: roleText.mentionable.optional(),
    nonce: nonce.optional(),
  }),
  answer: communityRole,
  rest: { method: 'post', path: '/communities/:community_id/roles', status: 201, alsoStatus: 200 },
  example: { name: 'Gardener', color: '#3c7a3c', permissions: ['pin_messages'], mentionable: true },
});

export const updateRole = defineOperation({
  name: 'update_role',
  tag: 'roles',
  summary: 'Change what is given of a role below one’s own; adds and takes away only what one holds oneself',
  place,
  allow: rules.update_role,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  audited: true,
  input: z.strictObject({
    community_id: id,
    role_id: id,
    name: roleText.name.optional(),
    color: roleText.color.optional(),
    permissions: roleText.permissions.optional(),
    mentionable: roleText.mentionable.optional(),
    if_rev: ifRev,
  }),
  answer: communityRole,
  rest: { method: 'patch', path: '/communities/:community_id/roles/:role_id', status: 200 },
  example: { mentionable: true },
});

export const deleteRole = defineOperation({
  name: 'delete_role',
  tag: 'roles',
  summary: 'Delete a role below one’s own: nobody holds it any more. Not that of everyone, nor the first one',
  place,
  allow: rules.delete_role,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  audited: true,
  input: z.strictObject({ community_id: id, role_id: id }),
  answer: z.undefined(),
  rest: { method: 'delete', path: '/communities/:community_id/roles/:role_id', status: 204 },
  example: {},
});

export const orderRoles = defineOperation({
  name: 'order_roles',
  tag: 'roles',
  summary: 'Say how high roles stand: all but everyone, the highest first. Moves only what is below one’s own',
  place,
  allow: rules.order_roles,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  audited: true,
  input: z.strictObject({ community_id: id, role_ids: z.array(id).max(bounds.roles) }),
  answer: all,
  rest: { method: 'put', path: '/communities/:community_id/roles/order', status: 200 },
  example: { role_ids: ['665f1c2ab3d4e5f60718293a'] },
});

export const giveRole = defineOperation({
  name: 'give_role',
  tag: 'roles',
  summary: 'Give a member below oneself a role below one’s own that grants only what one holds oneself',
  place,
  allow: rules.give_role,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  audited: true,
  input: z.strictObject({ community_id: id, member_id: id, role_id: id }),
  answer: membership,
  rest: { method: 'put', path: '/communities/:community_id/members/:member_id/roles/:role_id', status: 200 },
  example: {},
});

export const takeRole = defineOperation({
  name: 'take_role',
  tag: 'roles',
  summary: 'Take a role from a member as one may give it, or from oneself one below one’s highest',
  place,
  allow: rules.take_role,
  decided_by: 'community',
  limit: 'write',
  repeat: 'same',
  audited: true,
  input: z.strictObject({ community_id: id, member_id: id, role_id: id }),
  answer: z.undefined(),
  rest: { method: 'delete', path: '/communities/:community_id/members/:member_id/roles/:role_id', status: 204 },
  example: {},
});

export const explainPermission = defineOperation({
  name: 'explain_permission',
  tag: 'roles',
  summary: 'Whether somebody holds a permission in a community or a thread of it, and why: of oneself, and with manage_roles of anybody',
  place,
  allow: rules.explain_permission,
  decided_by: 'community',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ community_id: id, member_id: id, permission, thread_id: id.optional() }),
  answer: z.object({
    allowed: z.boolean(),
    because: z
      .array(
        z.object({
          source: z.enum(['owner', 'role', 'override', 'ban', 'time_out', 'kind']),
          id: z.string().meta({ description: 'Of the role, the member or the community; of an override, its subject' }),
          effect: z.enum(['allow', 'deny']),
        }),
      )
      .meta({ description: 'In the order in which they count; where it may not be viewed, why not' }),
  }),
  rest: { method: 'get', path: '/communities/:community_id/explain', status: 200 },
  example: { permission: 'post' },
});

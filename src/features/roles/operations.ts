import { communityAddress } from '../../actors/domain/community/messages.js';
import type {
  CreateRole,
  DeleteRole,
  ExplainPermission,
  GiveRole,
  ListRoles,
  OrderRoles,
  RoleMessage,
  TakeRole,
  UpdateRole,
} from '../../actors/domain/community/role-messages.js';
import type { ReplyOf } from '../../actors/runtime/actor.js';
import type { OverrideRecord } from '../../authority/overrides.js';
import { bind } from '../../catalogue/bound.js';
import type { Caller } from '../../catalogue/caller.js';
import type { FeaturePorts } from '../../catalogue/feature-ports.js';
import { idFromName, newId } from '../../kernel/ids.js';
import { createRole, deleteRole, explainPermission, giveRole, listRoles, orderRoles, takeRole, updateRole } from './contract.js';

/** Each is asked of the community's actor, which decides and commits in one turn. */
const ask = <M extends RoleMessage>(
  { actors }: FeaturePorts,
  { member_id }: Caller,
  communityId: string,
  message: Omit<M, 'by'>,
): Promise<ReplyOf<M>> => actors.ask<M>(communityAddress(communityId), { ...message, by: member_id } as M);

/** Null: the community has no such thread. */
const overridesIn = async ({ store }: FeaturePorts, communityId: string, threadId: string): Promise<OverrideRecord[] | null> => {
  const thread = await store.threads.byId(threadId);
  return thread?.community_id === communityId && thread.deleted_at === null ? (thread.overrides ?? []) : null;
};

export const operations = [
  bind(listRoles, async (caller, { community_id }, { ports }) => {
    const items = await ask<ListRoles>(ports, caller, community_id, { type: 'list_roles' });
    return { items, next_cursor: null };
  }),
  /**
   * A role that was deleted is not made again under its id: the call has another name, by which it is found while it is
   * there.
   */
  bind(createRole, async (caller, { community_id, nonce, ...text }, { ports, again }) => {
    const made = await ask<CreateRole>(ports, caller, community_id, {
      type: 'create_role',
      id: newId(ports.clock.now()),
      ...(nonce !== undefined && { origin: idFromName('create_role', `${caller.member_id} ${nonce}`) }),
      name: text.name,
      color: text.color ?? null,
      permissions: text.permissions ?? [],
      mentionable: text.mentionable ?? false,
    });
    if (made.again) again();
    return made.role;
  }),
  bind(updateRole, (caller, { community_id, role_id, if_rev, ...patch }, { ports }) =>
    ask<UpdateRole>(ports, caller, community_id, { type: 'update_role', role_id, patch, if_rev }),
  ),
  bind(deleteRole, async (caller, { community_id, role_id }, { ports }) => {
    await ask<DeleteRole>(ports, caller, community_id, { type: 'delete_role', role_id });
  }),
  bind(orderRoles, async (caller, { community_id, role_ids }, { ports }) => {
    const items = await ask<OrderRoles>(ports, caller, community_id, { type: 'order_roles', role_ids });
    return { items, next_cursor: null };
  }),
  bind(giveRole, (caller, { community_id, member_id, role_id }, { ports }) =>
    ask<GiveRole>(ports, caller, community_id, { type: 'give_role', member_id, role_id }),
  ),
  bind(takeRole, async (caller, { community_id, member_id, role_id }, { ports }) => {
    await ask<TakeRole>(ports, caller, community_id, { type: 'take_role', member_id, role_id });
  }),
  /** Of a thread that one may not view and of none the same is asked: nothing tells them apart. */
  bind(explainPermission, async (caller, { community_id, member_id, permission, thread_id }, { ports }) => {
    const overrides = thread_id !== undefined && { overrides: await overridesIn(ports, community_id, thread_id) };
    return ask<ExplainPermission>(ports, caller, community_id, { type: 'explain_permission', member_id, permission, ...overrides });
  }),
] as const;

import type { Explanation } from '../../../authority/explain.js';
import type { OverrideRecord } from '../../../authority/overrides.js';
import type { RolePatch, RoleText } from '../../../authority/roles.js';
import type { CommunityRole, Membership, Permission } from '../../../protocol/resources.js';
import type { Answers } from '../../runtime/actor.js';

/** What a community's actor can be asked of its roles. Every command is safe to repeat. */

export type ListRoles = Answers<{ type: 'list_roles'; by: string }, CommunityRole[]>;
/**
 * Makes the lowest above `everyone`. The id is the caller's; `origin` names the call, so that it makes nothing twice.
 */
export type CreateRole = Answers<
  { type: 'create_role'; by: string; id: string; origin?: string } & RoleText,
  { role: CommunityRole; again: boolean }
>;
export type UpdateRole = Answers<
  { type: 'update_role'; by: string; role_id: string; patch: RolePatch; if_rev?: number | undefined },
  CommunityRole
>;
export type DeleteRole = Answers<{ type: 'delete_role'; by: string; role_id: string }, null>;
/** Highest first, all but `everyone`. */
export type OrderRoles = Answers<{ type: 'order_roles'; by: string; role_ids: string[] }, CommunityRole[]>;
export type GiveRole = Answers<{ type: 'give_role'; by: string; member_id: string; role_id: string }, Membership>;
export type TakeRole = Answers<{ type: 'take_role'; by: string; member_id: string; role_id: string }, null>;
/**
 * In the community, or in a thread with these overrides; null: there is no such thread. `not_found` where the asker may
 * not view it.
 */
export type ExplainPermission = Answers<
  { type: 'explain_permission'; by: string; member_id: string; permission: Permission; overrides?: readonly OverrideRecord[] | null },
  Explanation
>;

export type RoleMessage = ListRoles | CreateRole | UpdateRole | DeleteRole | OrderRoles | GiveRole | TakeRole | ExplainPermission;

import { type Bits, bitsOf, has } from '../../../authority/bits.js';
import { held } from '../../../authority/held.js';
import { neverOfEveryone, type RolePatch, type RoleRecord, type RoleText, starterRoleOf } from '../../../authority/roles.js';
import { Fault } from '../../../kernel/errors.js';
import { bounds } from '../../../protocol/primitives.js';
import { fold } from '../../../text/folding.js';
import type { Access } from './messages.js';

/**
 * Who may do what to which role. Pure: each throws the Fault that the asker gets, or answers the roles as they are to be, and the same
 * list where nothing changes. That the asker may change roles at all (`manage_roles`) is asked for before. `now` in ms.
 */

type Records = readonly RoleRecord[];

export interface FoundRole {
  record: RoleRecord;
  /** 0 for `everyone`, the last. */
  rank: number;
}

/** Fault `not_found`. */
export const foundRole = (records: Records, roleId: string): FoundRole => {
  const at = records.findIndex(({ id }) => id === roleId);
  const record = records[at];
  if (!record) throw new Fault('not_found', 'There is no such role here');
  return { record, rank: records.length - 1 - at };
};

const wrong = (path: string, message: string): Fault =>
  new Fault('validation_failed', 'The request does not have the expected form', { errors: [{ path, message }] });

const demandAboveRole = (by: Access, { rank }: { rank: number }): void => {
  if (rank >= by.rank) throw new Fault('forbidden', 'You may act only on roles below your own');
};

const demandHeld = (by: Access, permissions: Bits, now: number): void => {
  if ((permissions & ~held(by, now)) !== 0) throw new Fault('forbidden', 'You may grant and take away only what you hold yourself');
};

/** Words that ring for everybody, whatever roles there are. */
const ringing = new Set(['all', 'here', 'everyone']);

/** People write `@name`, so no two are the same to a reader. */
const demandFree = (records: Records, name: string, but?: string): void => {
  const folded = fold(name);
  if (ringing.has(folded))
    throw new Fault('conflict', 'This name stands for everybody', { errors: [{ path: 'name', message: 'is taken' }] });
  if (records.some((record) => record.id !== but && fold(record.name) === folded)) {
    throw new Fault('conflict', 'A role has this name already', { errors: [{ path: 'name', message: 'is taken' }] });
  }
};

/** Everyone always views, and what gives power over others is given by name. */
const demandOfEveryone = (before: RoleRecord, patch: RolePatch): void => {
  if (patch.name !== undefined && patch.name !== before.name) throw wrong('name', 'the role of everyone keeps its name');
  if (patch.mentionable) throw wrong('mentionable', 'everyone is mentioned by @all');
  if (patch.permissions === undefined) return;
  const bits = bitsOf(patch.permissions);
  if (!has(bits, 'view')) throw wrong('permissions', 'everyone always holds view');
  if ((bits & neverOfEveryone) !== 0) throw wrong('permissions', 'everyone never holds administrator or manage_roles');
};

/** The lowest above `everyone`. */
export const withNew = (by: Access, records: Records, role: RoleRecord, now: number): Records => {
  demandHeld(by, bitsOf(role.permissions), now);
  demandFree(records, role.name);
  if (records.length >= bounds.roles) throw new Fault('conflict', `A community has at most ${bounds.roles} roles: delete one first`);
  return [...records.slice(0, -1), role, ...records.slice(-1)];
};

const isSame = (a: RoleText, b: RoleText): boolean =>
  a.name === b.name && a.color === b.color && a.mentionable === b.mentionable && bitsOf(a.permissions) === bitsOf(b.permissions);

/** What is left out stays. Permissions that stay are nobody's to ask about. */
export const withChanged = (by: Access, records: Records, roleId: string, patch: RolePatch, now: number): Records => {
  const found = foundRole(records, roleId);
  const { record } = found;
  demandAboveRole(by, found);
  const { name = record.name, color = record.color, permissions = record.permissions, mentionable = record.mentionable } = patch;
  const changed = { ...record, name, color, permissions, mentionable };
  if (found.rank === 0) demandOfEveryone(record, patch);
  else if (name !== record.name) demandFree(records, name, roleId);
  demandHeld(by, bitsOf(permissions) ^ bitsOf(record.permissions), now);
  return isSame(changed, record) ? records : records.map((one) => (one.id === roleId ? changed : one));
};

/** Whoever holds it loses what it grants, so that is asked for as well. One that is not there (any more) is deleted. */
export const without = (by: Access, records: Records, roleId: string, now: number): Records => {
  if (!records.some(({ id }) => id === roleId)) return records;
  const found = foundRole(records, roleId);
  demandAboveRole(by, found);
  demandHeld(by, bitsOf(found.record.permissions), now);
  if (found.rank === 0 || roleId === starterRoleOf(by.community_id)) throw new Fault('conflict', 'This role is never deleted');
  return records.filter(({ id }) => id !== roleId);
};

/** `ids`: highest first, all but everyone. Roles at one's own rank and above stay where they are. */
export const inOrder = (by: Access, records: Records, ids: readonly string[]): Records => {
  const roles = new Map(records.slice(0, -1).map((record) => [record.id, record]));
  if (ids.length !== roles.size || new Set(ids).size !== ids.length || !ids.every((id) => roles.has(id))) {
    throw wrong('role_ids', 'must name every role but everyone exactly once');
  }
  const moved = ids.findIndex((id, at) => records[at]?.id !== id);
  if (moved === -1) return records;
  // The first that moves is the highest.
  demandAboveRole(by, { rank: records.length - 1 - moved });
  return [...ids.map((id) => roles.get(id) as RoleRecord), ...records.slice(-1)];
};

const demandNotEveryone = ({ rank }: FoundRole): void => {
  if (rank === 0) throw wrong('role_id', 'everyone holds this role');
};

const demandAboveMember = (by: Access, target: Access): void => {
  if (target.role !== null && target.rank >= by.rank) throw new Fault('forbidden', 'You may act only on members below your own rank');
};

/**
 * Who gives a role stands above it and above whoever gets it, and holds whatever it grants. To themselves only owners give: nobody
 * stands above them.
 */
export const demandGive = (by: Access, target: Access, records: Records, roleId: string, now: number): void => {
  demandGiving(by, records, roleId, now);
  if (by.member_id !== target.member_id || by.role !== 'owner') demandAboveMember(by, target);
};

/** The same, to whoever it will be, who is no member yet. */
export const demandGiving = (by: Access, records: Records, roleId: string, now: number): void => {
  const found = foundRole(records, roleId);
  demandNotEveryone(found);
  demandAboveRole(by, found);
  demandHeld(by, bitsOf(found.record.permissions), now);
};

/** From themselves people take what is below their highest. */
export const demandTake = (by: Access, target: Access, records: Records, roleId: string, now: number): void => {
  demandGiving(by, records, roleId, now);
  if (by.member_id !== target.member_id) demandAboveMember(by, target);
};

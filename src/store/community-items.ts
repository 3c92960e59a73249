import { bitsOf, namesOf } from '../authority/bits.js';
import { roleTable } from '../authority/role-table.js';
import type { RoleRecord } from '../authority/roles.js';
import { idFromName } from '../kernel/ids.js';
import { jsonBytes, ledgerBounds } from '../protocol/ledgers.js';
import type { CommunityProjection, CommunityRecord, LedgerChange, LedgerCommit } from './contracts.js';
import { toCommunity } from './resources.js';

/**
 * What a community's record says, in items of its ledger, and back. Pure. The commits are the truth: a record is what
 * its first commits say and what follows from every later one, beside `member_count`, which is a figure of memberships.
 */

export const communityLedger = (id: string): string => `community:${id}`;

/** Without what changes too often, and what depends on who asks. */
export const communityValue = (record: CommunityRecord) => {
  const { member_count: _, ...value } = toCommunity(record);
  return value;
};
type CommunityValue = ReturnType<typeof communityValue>;

const roleValue = ({ id, name, color, permissions, mentionable }: RoleRecord) => ({
  ...{ id, name, color, mentionable },
  permissions: namesOf(bitsOf(permissions)),
});
type RoleValue = ReturnType<typeof roleValue>;

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Conversations have no roles of their own. */
const rolesOf = (record: CommunityRecord): readonly RoleRecord[] => (record.kind === 'community' ? roleTable(record).records : []);

/** Highest first, all but everyone. */
const orderOf = (roles: readonly RoleRecord[]): { role_ids: string[] } => ({ role_ids: roles.slice(0, -1).map(({ id }) => id) });

const itemsOf = (record: CommunityRecord): LedgerChange[] => {
  const roles = rolesOf(record);
  return [
    { kind: 'community', key: record.id, value: communityValue(record) },
    ...roles.map((role) => ({ kind: 'role', key: role.id, value: roleValue(role) })),
    ...(roles.length > 0 ? [{ kind: 'role_order', key: 'order', value: orderOf(roles) }] : []),
  ];
};

/** All that a record says, in as many commits as it takes: one, but where there are very many roles. */
export const firstChanges = (record: CommunityRecord): LedgerChange[][] => {
  const commits: LedgerChange[][] = [[]];
  let bytes = 0;
  for (const change of itemsOf(record)) {
    const more = jsonBytes(change) + 1;
    if (bytes + more > ledgerBounds.commitBytes - 2) {
      commits.push([]);
      bytes = 0;
    }
    commits.at(-1)?.push(change);
    bytes += more;
  }
  return commits;
};

/** The same as commits, for whoever writes communities past their actors. The same record has the same ones. */
export const firstCommits = (record: CommunityRecord): LedgerCommit[] =>
  firstChanges(record).map((changes, at) => ({
    id: idFromName('first_commit', `${record.id} ${at}`),
    ledger: communityLedger(record.id),
    rev: at + 1,
    epoch: 0,
    at: record.created_at,
    by: record.created_by,
    operation: 'create_community',
    op_id: null,
    changes,
  }));

const changesOfRoles = (before: readonly RoleRecord[], after: readonly RoleRecord[]): LedgerChange[] => {
  if (before === after) return [];
  const known = new Map(before.map((role) => [role.id, role]));
  const living = new Set(after.map(({ id }) => id));
  const put = after.filter((role) => {
    const was = known.get(role.id);
    return !was || !isSame(roleValue(was), roleValue(role));
  });
  return [
    ...put.map((role) => ({ kind: 'role', key: role.id, value: roleValue(role) })),
    ...before.filter(({ id }) => !living.has(id)).map(({ id }) => ({ kind: 'role', key: id, deleted: true as const })),
    ...(isSame(orderOf(before), orderOf(after)) ? [] : [{ kind: 'role_order', key: 'order', value: orderOf(after) }]),
  ];
};

/** What is to be committed so that one record becomes the other; nothing where they say the same. */
export const changesBetween = (before: CommunityRecord, after: CommunityRecord): LedgerChange[] => {
  if (after.deleted_at !== null) return before.deleted_at === null ? [{ kind: 'community', key: after.id, deleted: true }] : [];
  const value = communityValue(after);
  return [
    ...(isSame(communityValue(before), value) ? [] : [{ kind: 'community', key: after.id, value }]),
    ...changesOfRoles(rolesOf(before), rolesOf(after)),
  ];
};

/** What of a record is written to its document when it has changed. */
export const projectionOf = (record: CommunityRecord): CommunityProjection => {
  const { name, description, is_public, tags, avatar_url, owner_id, handed_over_by, updated_at, deleted_at, roles } = record;
  return { name, description, is_public, tags, avatar_url, owner_id, handed_over_by, updated_at, deleted_at, roles };
};

/** A call that makes a role is known by the name of its commit: the call's, and the role's. */
export const opOfRole = (origin: string, roleId: string): string => `${origin}/${roleId}`;

const foldedRoles = (record: CommunityRecord, { changes, operation, op_id }: LedgerCommit): RoleRecord[] => {
  const before = rolesOf(record);
  const roles = new Map(before.map((role) => [role.id, role]));
  const origin = operation === 'create_role' ? op_id?.split('/')[0] : undefined;
  let { role_ids } = orderOf(before);
  for (const change of changes) {
    if (change.kind === 'role_order' && 'value' in change) ({ role_ids } = change.value as { role_ids: string[] });
    if (change.kind !== 'role') continue;
    if ('deleted' in change) roles.delete(change.key);
    else {
      const by = roles.get(change.key)?.origin ?? (roles.has(change.key) ? undefined : origin);
      roles.set(change.key, { ...(change.value as RoleValue), ...(by !== undefined && { origin: by }) });
    }
  }
  // Of first commits the one with the order comes last.
  const placed = new Set([...role_ids, record.id]);
  const ids = [...role_ids, ...[...roles.keys()].filter((id) => !placed.has(id)), record.id];
  return ids.flatMap((id) => roles.get(id) ?? []);
};

const foldedCommunity = (record: CommunityRecord, value: CommunityValue, { at, by }: LedgerCommit): CommunityRecord => {
  const { name, description, is_public, tags, avatar_url, owner_id } = value;
  const before = communityValue(record);
  return {
    ...record,
    ...{ name, description, is_public, tags, avatar_url, owner_id },
    ...(owner_id !== record.owner_id && { handed_over_by: by }),
    ...(!isSame({ ...before, owner_id }, { ...before, ...value }) && { updated_at: at }),
  };
};

/** A record as it is after one commit more. */
export const folded = (record: CommunityRecord, commit: LedgerCommit): CommunityRecord => {
  let after: CommunityRecord = { ...record, ledger_rev: commit.rev };
  for (const change of commit.changes) {
    if (change.kind !== 'community') continue;
    if ('deleted' in change) after.deleted_at = commit.at;
    else after = foldedCommunity(after, change.value as CommunityValue, commit);
  }
  const isOfRoles = commit.changes.some(({ kind }) => kind === 'role' || kind === 'role_order');
  return isOfRoles ? { ...after, roles: foldedRoles(record, commit) } : after;
};

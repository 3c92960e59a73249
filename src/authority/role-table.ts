import { bitsOf } from './bits.js';
import { defaultRoles, type RoleRecord } from './roles.js';
import type { HeldRole } from './snapshot.js';

/** Above every role. */
export const rankOfOwner = 1_000_000;

export interface RankedRole extends HeldRole {
  /** 1 for the lowest above `everyone`, whose rank is 0. */
  rank: number;
}

/** The roles of a community as they are asked for. */
export interface RoleTable {
  /** Highest first, `everyone` last. */
  records: readonly RoleRecord[];
  /** What `everyone` holds. */
  everyone: number;
  /** Those of these ids that there are, beside `everyone`. */
  held(ids: readonly string[]): RankedRole[];
}

const made = new WeakMap<readonly RoleRecord[], RoleTable>();
const ofDefaults = new WeakMap<object, readonly RoleRecord[]>();

/** Made once for a community's record as it was read or written. */
export const roleTable = (community: { id: string; roles?: readonly RoleRecord[] | undefined }): RoleTable => {
  let records = community.roles ?? ofDefaults.get(community);
  if (!records) {
    records = defaultRoles(community.id);
    ofDefaults.set(community, records);
  }
  let table = made.get(records);
  if (!table) {
    table = tableOf(community.id, records);
    made.set(records, table);
  }
  return table;
};

const tableOf = (communityId: string, records: readonly RoleRecord[]): RoleTable => {
  const top = records.length - 1;
  const roles = new Map(records.map(({ id, permissions }, at) => [id, { id, permissions: bitsOf(permissions), rank: top - at }]));
  const everyone = roles.get(communityId)?.permissions ?? 0;
  roles.delete(communityId);
  return { records, everyone, held: (ids) => ids.flatMap((id) => roles.get(id) ?? []) };
};

/** How high somebody stands by their roles: the highest counts; 0 without any. */
export const rankOf = (roles: readonly RankedRole[], isOwner = false): number =>
  isOwner ? rankOfOwner : Math.max(0, ...roles.map(({ rank }) => rank));

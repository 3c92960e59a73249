import { type Bits, has } from './bits.js';

/** `direct` and `group` are conversations: one closed thread, no roles, nobody above the others. */
export const kinds = ['community', 'direct', 'group'] as const;
export type Kind = (typeof kinds)[number];

export type Subject = `role:${string}` | `member:${string}`;

/** What a thread allows or denies to some, other than their roles do. What is in neither stays as it is. */
export interface Override {
  subject: Subject;
  allow: Bits;
  deny: Bits;
}

export interface HeldRole {
  id: string;
  permissions: Bits;
}

/** How one member stands in one place: everything that decides what they may there, as of one `access_rev`. */
export interface Snapshot {
  community: {
    id: string;
    kind: Kind;
    is_public: boolean;
    /** What the role `everyone` holds; it has the community's id. */
    everyone: Bits;
  };
  /** Null for who does not belong to it (any more). */
  member: {
    id: string;
    is_owner: boolean;
    /** Beside `everyone`. */
    roles: readonly HeldRole[];
    /** Ms. */
    timed_out_until: number | null;
  } | null;
  is_banned: boolean;
  /** The overrides of a thread; absent where the place is the community itself. */
  overrides?: readonly Override[];
}

export const roleSubject = (id: string): Subject => `role:${id}`;
export const memberSubject = (id: string): Subject => `member:${id}`;
/** The role `everyone` has the community's id. */
export const everyoneOf = (communityId: string): Subject => roleSubject(communityId);

/**
 * Whether not every member of its community may view a thread. What it has must not show outside it. Members always hold `view` in
 * their community, so overrides alone close a thread.
 */
export const isClosed = ({ kind }: Pick<Snapshot['community'], 'kind'>, overrides: readonly Override[]): boolean =>
  kind !== 'community' || overrides.some(({ deny }) => has(deny, 'view'));

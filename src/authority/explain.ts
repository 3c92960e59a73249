import { type Bits, has } from './bits.js';
import { held, ofConversation, ofOutsiders, ofTalk } from './held.js';
import type { Permission } from './permissions.js';
import { everyoneOf, memberSubject, type Override, roleSubject, type Snapshot } from './snapshot.js';

/** One thing that speaks for or against. */
export interface Reason {
  source: 'owner' | 'role' | 'override' | 'ban' | 'time_out' | 'kind';
  /** Of the role, the override's subject, the member or the community. */
  id: string;
  effect: 'allow' | 'deny';
}

export interface Explanation {
  allowed: boolean;
  /** In the order in which they count; what comes later goes before. */
  because: Reason[];
}

/** What grants it, overrides aside. `administrator` grants everything. */
const ofRoles = ({ community, member }: Snapshot, permission: Permission): Reason[] => {
  const grants = (bits: Bits): boolean => has(bits, permission) || (member !== null && has(bits, 'administrator'));
  const roles = [{ id: community.id, permissions: community.everyone }, ...(member?.roles ?? [])];
  return roles.filter(({ permissions }) => grants(permissions)).map(({ id }) => ({ source: 'role', id, effect: 'allow' }));
};

/** Of one stage: what denies, then what allows. */
const ofStage = (stage: readonly Override[], permission: Permission): Reason[] =>
  (['deny', 'allow'] as const).flatMap((effect) =>
    stage.filter((override) => has(override[effect], permission)).map(({ subject: id }) => ({ source: 'override' as const, id, effect })),
  );

const ofOverrides = ({ community, member, overrides = [] }: Snapshot, permission: Permission): Reason[] => {
  const held = new Set(member?.roles.map(({ id }) => roleSubject(id)));
  const everyone = everyoneOf(community.id);
  const stages = [
    overrides.filter(({ subject }) => subject === everyone),
    overrides.filter(({ subject }) => held.has(subject)),
    overrides.filter(({ subject }) => member && subject === memberSubject(member.id)),
  ];
  return stages.flatMap((stage) => ofStage(stage, permission));
};

const ofMember = (snapshot: Snapshot, member: NonNullable<Snapshot['member']>, permission: Permission, now: number): Reason[] => {
  const roles = ofRoles(snapshot, permission);
  const isAbove = member.is_owner || member.roles.some(({ permissions }) => has(permissions, 'administrator'));
  const isTimedOut = member.timed_out_until !== null && member.timed_out_until > now && has(ofTalk, permission);
  return [
    ...roles,
    // Whoever stands above overrides is not asked about them.
    ...(isAbove ? [] : ofOverrides(snapshot, permission)),
    ...(member.is_owner ? [{ source: 'owner', id: member.id, effect: 'allow' } as const] : []),
    ...(isTimedOut ? [{ source: 'time_out', id: member.id, effect: 'deny' } as const] : []),
  ];
};

const ofOutsider = (snapshot: Snapshot, permission: Permission): Reason[] => {
  const { community, is_banned } = snapshot;
  const may = community.is_public && has(ofOutsiders, permission);
  return [
    ...(may ? [...ofRoles(snapshot, permission), ...ofOverrides(snapshot, permission)] : []),
    ...(is_banned && !may ? [{ source: 'ban', id: community.id, effect: 'deny' } as const] : []),
  ];
};

/** Whether somebody may, and why. `allowed` is what `held` says; where a place may not be viewed, it tells why it may not. */
export const explain = (snapshot: Snapshot, permission: Permission, now: number): Explanation => {
  const bits = held(snapshot, now);
  const { community, member } = snapshot;
  const allowed = has(bits, permission);
  if (community.kind !== 'community') {
    const effect = member && has(ofConversation, permission) ? 'allow' : 'deny';
    return { allowed, because: [{ source: 'kind', id: community.id, effect }] };
  }
  const asked = !allowed && !has(bits, 'view') ? 'view' : permission;
  return { allowed, because: member ? ofMember(snapshot, member, asked, now) : ofOutsider(snapshot, asked) };
};

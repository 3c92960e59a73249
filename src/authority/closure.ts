import { has } from './bits.js';
import type { OverrideRecord } from './overrides.js';
import { everyoneOf, type Snapshot, type Subject } from './snapshot.js';

/**
 * As whom somebody looks for threads in one community: `everybody` stands above overrides (the owner, administrators) and sees all of
 * them; a member has roles beside `everyone`, all of them roles of this community; a stranger (`member: null`) has none.
 */
export type Audience = 'everybody' | { member: string | null; roles: readonly string[] };

/** Stands for those above overrides in a community. No override names it. */
export type Above = `community:${string}`;

/** By whom a closed thread is seen, for queries: whoever looks for it asks for some of `seen_by`, and `hidden_from` goes before roles. */
export interface Closure {
  /** Whom an override lets view it; `everyone` unless it is denied; those above. */
  seen_by: (Subject | Above)[];
  /** Whom an override denies `view`, and none allows it. */
  hidden_from: Subject[];
}

const aboveIn = (communityId: string): Above => `community:${communityId}`;

/** Whether not every member of its community may view a thread: `everyone` holds `view`, so only an override can take it away. */
export const isClosedThread = ({ overrides = [] }: { overrides?: readonly OverrideRecord[] | undefined }): boolean =>
  overrides.some(({ deny }) => deny.includes('view'));

/** Members whom an override of their own allows something. */
export const namedIn = (overrides: readonly OverrideRecord[] = []): Subject[] =>
  overrides.flatMap(({ subject, allow }) => (subject.startsWith('member:') && allow.length > 0 ? [subject] : []));

/** Undefined for a thread that is open: nobody in the community is denied `view`. Each community's `everyone` holds it. */
export const closureOf = (communityId: string, overrides: readonly OverrideRecord[] = []): Closure | undefined => {
  const named = (effect: 'allow' | 'deny'): Set<Subject> =>
    new Set(overrides.filter((override) => override[effect].includes('view')).map(({ subject }) => subject));
  const [allowed, denied] = [named('allow'), named('deny')];
  if (denied.size === 0) return undefined;
  const everyone = everyoneOf(communityId);
  if (!denied.has(everyone)) allowed.add(everyone);
  return { seen_by: [...allowed, aboveIn(communityId)], hidden_from: [...denied].filter((subject) => !allowed.has(subject)) };
};

const roleSubjects = (roles: readonly string[]): Subject[] => roles.map((role) => `role:${role}` as const);

/** Those of `seen_by` under which somebody finds the closed threads of a community; what is found so may still be hidden from them. */
export const keysOf = (communityId: string, audience: Audience): (Subject | Above)[] =>
  audience === 'everybody' ? [aboveIn(communityId)] : [...subjectsOf(communityId, audience)];

/** All that an override may name somebody by. */
export const subjectsOf = (communityId: string, { member, roles }: Exclude<Audience, 'everybody'>): Subject[] =>
  member === null ? [everyoneOf(communityId)] : [`member:${member}`, everyoneOf(communityId), ...roleSubjects(roles)];

/** Whether somebody may view a thread; the same as `held` says. `closure`: undefined when it is open. */
export const isSeenBy = (communityId: string, audience: Audience, closure: Closure | undefined): boolean => {
  if (!closure || audience === 'everybody') return true;
  const { seen_by, hidden_from } = closure;
  const isHidden = (subject: Subject): boolean => hidden_from.includes(subject);
  const { member, roles } = audience;
  if (member === null) return !isHidden(everyoneOf(communityId));
  if (seen_by.includes(`member:${member}`)) return true;
  if (isHidden(`member:${member}`)) return false;
  const own = roleSubjects(roles);
  return own.some((role) => seen_by.includes(role)) || ![everyoneOf(communityId), ...own].some(isHidden);
};

/** As whom somebody who stands so in a community looks for its threads. */
export const audienceOf = ({ member }: Pick<Snapshot, 'member'>): Audience => {
  if (member === null) return { member: null, roles: [] };
  const isAbove = member.is_owner || member.roles.some(({ permissions }) => has(permissions, 'administrator'));
  return isAbove ? 'everybody' : { member: member.id, roles: member.roles.map(({ id }) => id) };
};

import { authorise } from '../../../authority/authorise.js';
import { bitsOf, has, none } from '../../../authority/bits.js';
import { isClosedThread } from '../../../authority/closure.js';
import { held } from '../../../authority/held.js';
import { mostOverrides, type OverrideRecord, ofThreads, standingIn } from '../../../authority/overrides.js';
import { rules } from '../../../authority/rules.js';
import { everyoneOf, memberSubject, type Subject } from '../../../authority/snapshot.js';
import { Fault } from '../../../kernel/errors.js';
import type { Access } from '../community/messages.js';

/**
 * What becomes of a thread's overrides: pure functions from the present ones to the next. Null: it is so already, nothing to write. Each
 * throws the Fault that the asker gets.
 */

const ofSubject = (overrides: readonly OverrideRecord[], subject: Subject): OverrideRecord =>
  overrides.find((override) => override.subject === subject) ?? { subject, allow: [], deny: [] };

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.every((name) => b.includes(name)) && b.every((name) => a.includes(name));

/** In place of the one with its subject; one that says nothing goes. */
const replaced = (overrides: readonly OverrideRecord[], next: OverrideRecord): OverrideRecord[] | null => {
  const before = ofSubject(overrides, next.subject);
  if (same(before.allow, next.allow) && same(before.deny, next.deny)) return null;
  const others = overrides.filter(({ subject }) => subject !== next.subject);
  const saysNothing = next.allow.length === 0 && next.deny.length === 0;
  const all = saysNothing ? others : [...others, next];
  if (all.length > mostOverrides) throw new Fault('conflict', `A thread has at most ${mostOverrides} overrides`);
  return all;
};

/** Who an override is about: how high they stand. */
export interface About {
  subject: Subject;
  rank: number;
}

/**
 * One override as a whole. Nobody changes what they lack themselves, nor anything about somebody (or a role) of their own rank or above;
 * nor about themselves. `now` in ms.
 */
export const overridden = (
  overrides: readonly OverrideRecord[],
  by: Access,
  { subject, rank }: About,
  { allow, deny }: Pick<OverrideRecord, 'allow' | 'deny'>,
  now: number,
): OverrideRecord[] | null => {
  authorise(rules.set_override, by, by, now);
  if (subject === memberSubject(by.member_id)) throw new Fault('forbidden', 'You may not change what you may do yourself');
  if (rank >= by.rank) throw new Fault('forbidden', 'You may act only on members and roles below your own rank');
  const before = ofSubject(overrides, subject);
  const changed = ofThreads.filter(
    (name) => allow.includes(name) !== before.allow.includes(name) || deny.includes(name) !== before.deny.includes(name),
  );
  if ((bitsOf(changed) & ~held(by, now)) !== none) throw new Fault('forbidden', 'You may change only what you hold yourself');
  return replaced(overrides, { subject, allow: [...new Set(allow)], deny: [...new Set(deny)] });
};

/** One more of the people of a closed thread. `person`: how they stand in it. */
export const joined = (
  overrides: readonly OverrideRecord[],
  by: Access,
  person: Access,
  isAuthor: boolean,
  now: number,
): OverrideRecord[] | null => {
  authorise(rules.change_people, by, { member_id: by.member_id, isAuthor }, now);
  if (!isClosedThread({ overrides })) throw new Fault('conflict', 'Every member of the community may view this thread');
  if (person.member === null) throw new Fault('not_found', 'There is no such member here');
  const subject = memberSubject(person.member_id);
  const { allow, deny } = ofSubject(overrides, subject);
  if (has(held(person, now), 'view') && !deny.includes('view')) return null;
  return replaced(overrides, { subject, allow: [...allow.filter((name) => name !== 'view'), 'view'], deny: without(deny) });
};

/**
 * One of the people of a closed thread less: also by themselves. Whoever would view it by a role is denied it. Who began it says who its
 * people are; others act on nobody who stands by a role as high as they or higher.
 */
export const parted = (
  overrides: readonly OverrideRecord[],
  by: Access,
  person: Access,
  isAuthor: boolean,
  now: number,
): OverrideRecord[] | null => {
  if (by.member_id !== person.member_id) authorise(rules.change_people, by, { member_id: by.member_id, isAuthor }, now);
  else authorise(rules.mark_read, by, by, now);
  if (!isClosedThread({ overrides })) throw new Fault('conflict', 'Every member of the community may view this thread');
  const isAbove = person.rank > 0 && person.rank >= by.rank;
  if (by.member_id !== person.member_id && !isAuthor && isAbove) {
    throw new Fault('forbidden', 'You may act only on members below your own rank');
  }
  const subject = memberSubject(person.member_id);
  const { allow, deny } = ofSubject(overrides, subject);
  const taken: OverrideRecord = { subject, allow: without(allow), deny };
  const rest = replaced(overrides, taken) ?? overrides;
  const seesByRole = person.member !== null && !deny.includes('view') && seesWithout(person, rest);
  return replaced(overrides, seesByRole ? { ...taken, deny: [...deny, 'view'] } : taken);
};

/** Whoever came back to the community is let into nothing that they were let into before; what they were denied stays. */
export const forgotten = (overrides: readonly OverrideRecord[], memberId: string): OverrideRecord[] | null => {
  const subject = memberSubject(memberId);
  return replaced(overrides, { ...ofSubject(overrides, subject), allow: [] });
};

/** With which a private thread begins: only these may view it. */
export const privately = (communityId: string, memberIds: readonly string[]): OverrideRecord[] => [
  { subject: everyoneOf(communityId), allow: [], deny: ['view'] },
  ...memberIds.map((id): OverrideRecord => ({ subject: memberSubject(id), allow: ['view'], deny: [] })),
];

const without = (names: OverrideRecord['allow']): OverrideRecord['allow'] => names.filter((name) => name !== 'view');

const seesWithout = (person: Access, overrides: readonly OverrideRecord[]): boolean => {
  const { overrides: _, ...inCommunity } = person;
  return has(held(standingIn(inCommunity, overrides), 0), 'view');
};

import { all, type Bits, bitsOf, has, none } from './bits.js';
import { everyoneOf, memberSubject, type Override, roleSubject, type Snapshot, type Subject } from './snapshot.js';

/** What those outside a public community hold of what everyone does, and who is banned as well. */
export const ofOutsiders = bitsOf(['view', 'read_history']);
/** What a time-out takes away, whatever somebody holds. */
export const ofTalk = bitsOf([
  'post',
  'create_thread',
  'create_closed_thread',
  'react',
  'attach',
  'embed_links',
  'mention_all',
  'create_invite',
  'speak',
  'stream',
]);
/** What each of a conversation's people holds. Nobody in it holds more, and who administers an installation holds nothing. */
export const ofConversation = bitsOf([
  'view',
  'read_history',
  'post',
  'react',
  'attach',
  'embed_links',
  'mention_all',
  'pin_messages',
  'speak',
  'stream',
]);

const noOverrides: readonly Override[] = [];

/** What the overrides of these subjects make of it: deny first, so that of two roles the one that allows wins. */
const changedBy = (bits: Bits, overrides: readonly Override[], subjects: readonly Subject[]): Bits => {
  let [allow, deny] = [none, none];
  for (const override of overrides) {
    if (!subjects.includes(override.subject)) continue;
    allow |= override.allow;
    deny |= override.deny;
  }
  return (bits & ~deny) | allow;
};

/** Nothing is left of a place that one may not view. */
const seen = (bits: Bits): Bits => (has(bits, 'view') ? bits : none);

/**
 * Everything that somebody may do in a place: everyone's, then roles together (deny, then allow), then the member's own. The owner and
 * whoever holds `administrator` stand above overrides, but never in a conversation. `now` in ms. Pure: the same snapshot and time give
 * the same answer.
 */
export const held = ({ community, member, overrides = noOverrides }: Snapshot, now: number): Bits => {
  if (community.kind !== 'community') return member ? ofConversation : none;
  const { everyone } = community;
  if (!member) return community.is_public ? seen(changedBy(everyone, overrides, [everyoneOf(community.id)]) & ofOutsiders) : none;
  let granted = everyone;
  for (const { permissions } of member.roles) granted |= permissions;
  const isAbove = member.is_owner || has(granted, 'administrator');
  let bits = granted;
  if (isAbove) bits = all;
  else if (overrides.length > 0) {
    bits = changedBy(bits, overrides, [everyoneOf(community.id)]);
    bits = changedBy(
      bits,
      overrides,
      member.roles.map(({ id }) => roleSubject(id)),
    );
    bits = changedBy(bits, overrides, [memberSubject(member.id)]);
  }
  const isTimedOut = member.timed_out_until !== null && member.timed_out_until > now;
  return seen(isTimedOut ? bits & ~ofTalk : bits);
};

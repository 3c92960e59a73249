import { all, type Bits, bitsOf, has, none } from './bits.js';
import { everyoneOf, type Override, type Snapshot } from './snapshot.js';

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

/** Deny first, so that of two roles the one that allows wins. */
const changedBy = (bits: Bits, overrides: readonly Override[]): Bits => {
  let [allow, deny] = [none, none];
  for (const override of overrides) {
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
export const held = ({ community, member, overrides = [] }: Snapshot, now: number): Bits => {
  if (community.kind !== 'community') return member ? ofConversation : none;
  const { everyone } = community;
  const forEveryone = overrides.filter(({ subject }) => subject === everyoneOf(community.id));
  if (!member) return community.is_public ? seen(changedBy(everyone, forEveryone) & ofOutsiders) : none;
  const granted = member.roles.reduce((bits, { permissions }) => bits | permissions, everyone);
  const isAbove = member.is_owner || has(granted, 'administrator');
  const subjects = new Set(member.roles.map(({ id }) => `role:${id}`));
  let bits = changedBy(granted, forEveryone);
  bits = changedBy(
    bits,
    overrides.filter(({ subject }) => subjects.has(subject)),
  );
  bits = changedBy(
    bits,
    overrides.filter(({ subject }) => subject === `member:${member.id}`),
  );
  const isTimedOut = member.timed_out_until !== null && member.timed_out_until > now;
  return seen((isAbove ? all : bits) & (isTimedOut ? ~ofTalk : all));
};

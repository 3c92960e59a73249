import { bitsOf } from './bits.js';
import type { Permission } from './permissions.js';
import type { Override, Snapshot, Subject } from './snapshot.js';

/** An override as it is kept and sent: by the names of the permissions, since a number says nothing without the table. */
export interface OverrideRecord {
  subject: Subject;
  allow: Permission[];
  deny: Permission[];
}

/** So many overrides one thread has at most. */
export const mostOverrides = 500;

/** What an override may speak of: what can be done in one thread. */
export const ofThreads = [
  'view',
  'read_history',
  'post',
  'react',
  'attach',
  'embed_links',
  'mention_all',
  'pin_messages',
  'manage_messages',
  'manage_threads',
  'speak',
  'stream',
] as const satisfies readonly Permission[];

/** Names that this release does not know count for nothing. */
export const toOverride = ({ subject, allow, deny }: OverrideRecord): Override => ({ subject, allow: bitsOf(allow), deny: bitsOf(deny) });

const inBits = new WeakMap<readonly OverrideRecord[], readonly Override[]>();

/** How somebody stands in a thread with these overrides, by how they stand in its community. */
export const standingIn = <S extends Snapshot>(standing: S, overrides: readonly OverrideRecord[] | undefined): S => {
  if (!overrides || overrides.length === 0) return standing;
  let bits = inBits.get(overrides);
  if (!bits) {
    bits = overrides.map(toOverride);
    inBits.set(overrides, bits);
  }
  return { ...standing, overrides: bits };
};

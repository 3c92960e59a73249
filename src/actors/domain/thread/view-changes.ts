import type { OverrideRecord } from '../../../authority/overrides.js';

type Overrides = readonly OverrideRecord[] | undefined;

/** Of more, everybody is decided anew at once. */
const mostNamed = 16;
const ofMembers = 'member:';

/** What overrides say of `view`, by subject. */
const viewsIn = (overrides: Overrides = []): Map<string, string> =>
  new Map(overrides.map(({ subject, allow, deny }) => [subject, `${allow.includes('view')} ${deny.includes('view')}`]));

/**
 * Of whom it must be decided anew whether they may view a closed thread, when its overrides change: the members whose own say something
 * else of `view`; everybody where one of a role does. Nothing else in overrides decides that.
 */
export const whomViewChangedFor = (before: Overrides, after: Overrides): string[] | 'everybody' => {
  const [old, now] = [viewsIn(before), viewsIn(after)];
  const silent = 'false false';
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter(
    (subject) => (old.get(subject) ?? silent) !== (now.get(subject) ?? silent),
  );
  if (changed.length > mostNamed || changed.some((subject) => !subject.startsWith(ofMembers))) return 'everybody';
  return changed.map((subject) => subject.slice(ofMembers.length));
};

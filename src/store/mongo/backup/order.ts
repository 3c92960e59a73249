/**
 * In which order collections are read, since what is changed while they are read may be there in an earlier state in one and in a
 * later in another. It is so chosen that every such mixture is one that the installation sets right by itself, and shows nobody what
 * they may not see:
 *
 * - How far somebody has come (`progress`, `reads`) is read before that in which they have: what was marked is there, and nothing
 *   counts as done or read that is not there. What was derived comes between the two.
 * - What decides who may see something comes after what it protects: of a thread that was closed meanwhile nothing is there that was
 *   said in it since without its being closed too.
 * - Who belongs to a community comes before its threads: whoever comes back is taken out of closed threads first.
 * - Items of ledgers come before their commits, from which they are made.
 * - Epochs come last: nothing that is there was written under a later one.
 */
const first: readonly string[] = ['progress', 'reads', 'notifications', 'search', 'ledger_items', 'ledger_commits', 'messages'];
const last: readonly string[] = [
  'memberships',
  'invite_uses',
  'invites',
  'threads',
  'communities',
  'sessions',
  'refresh_tokens',
  'members',
  'epochs',
];
/** What a restore makes anew. */
const never = new Set(['installation']);

/** All that are to be read, each once; those that are not named here stand in the middle, by name. */
export const inReadingOrder = (names: readonly string[]): string[] => {
  const there = new Set(names.filter((name) => !never.has(name) && !name.startsWith('system.')));
  const named = new Set([...first, ...last]);
  const others = [...there].filter((name) => !named.has(name)).sort();
  return [...first.filter((name) => there.has(name)), ...others, ...last.filter((name) => there.has(name))];
};

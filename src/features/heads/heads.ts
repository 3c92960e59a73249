import { z } from 'zod';
import type { Caller } from '../../catalogue/caller.js';
import { cursorOf, ms } from '../../catalogue/cursor.js';
import type { Ground } from '../../catalogue/feature-ports.js';
import type { AnswerOf, Given } from '../../catalogue/operation.js';
import { id } from '../../protocol/primitives.js';
import type { ThreadHead } from '../../store/contracts.js';
import { mostScopes, ownAudiences } from '../../store/scopes.js';
import { mostHeads, newestHeads, type syncHeads } from './contract.js';

/**
 * How far `at` lies behind the clock. What moved before that is stored: a send waits 4 s for the store at most, the figures of a thread
 * follow by up to 3.5 s, those that the store did not take are written again after 2 s, and clocks of nodes differ by up to 5 s. Twice
 * all that, since to tell a head again costs little, and one that is never told leaves a mark wrong.
 */
export const marginMs = 30_000;

/** `at`: that of the first page. `left`: so many may follow, where there is a bound. */
const place = cursorOf(
  z.strictObject({ last_activity: ms, id, at: ms, since: ms.nullable(), left: z.int().min(0).max(newestHeads).nullable() }),
);

interface SeenHeads {
  /** In which one is, as the answer has it. */
  communities: ReadonlySet<string>;
  answer: AnswerOf<typeof syncHeads>;
}

/** Communities whose rooms are worth joining: those that a member belongs to, a bounded number. */
export const communitiesWithHeads = async ({ store }: Pick<Ground, 'store'>, { member_id }: Caller): Promise<Iterable<string>> => {
  const memberships = await store.memberships.listByMember(member_id);
  if (memberships.length <= mostScopes) return memberships.map(({ community_id }) => community_id);
  return (await ownAudiences(store, member_id)).audiences.keys();
};

/** One page, by what is stored of memberships, roles and threads when it is asked for. */
export const readHeads = async ({ store, clock }: Ground, caller: Caller, input: Given<typeof syncHeads>): Promise<SeenHeads> => {
  const from = place.decode(input.cursor);
  const at = from?.at ?? Math.max(0, clock.now() - marginMs);
  const since = from ? from.since : input.since === undefined ? null : Math.max(0, Date.parse(input.since));
  const left = from ? from.left : since === null ? newestHeads : null;
  const limit = Math.min(input.limit ?? mostHeads, left ?? mostHeads);
  const { audiences, partial } = await ownAudiences(store, caller.member_id);
  const found = await store.threads.heads(audiences, { limit: limit + 1, since: since ?? undefined, after: from });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const rest = left === null ? null : left - shown.length;
  const goesOn = found.length > limit && last !== undefined && rest !== 0;
  const next = goesOn ? place.encode({ last_activity: last.last_activity, id: last.id, at, since, left: rest }) : null;
  return {
    communities: new Set(audiences.keys()),
    answer: { heads: shown.map(toHead), at: new Date(at).toISOString(), next_cursor: next, ...(partial && { partial }) },
  };
};

const toHead = ({ id: thread_id, community_id, last_seq, last_activity }: ThreadHead) => ({
  ...{ thread_id, community_id, last_seq },
  last_activity: new Date(last_activity).toISOString(),
});

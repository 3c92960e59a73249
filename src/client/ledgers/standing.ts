import type { ItemName } from './items.js';
import type { LedgersPort } from './ledgers-port.js';

/** Whether a ledger is one of those that hang on something. */
export type Concern = (ledger: string) => boolean;

/** Ledgers that hang on how the member stands in a community. */
const ofCommunity =
  (id: string): Concern =>
  (ledger) =>
    ledger === `community:${id}` || ledger.startsWith(`community:${id}:`);

/**
 * Hears when the server has taken this connection out of rooms, those of ledgers among them: nothing comes from those any more, also when
 * the member was let in again meanwhile. Answers how to stop.
 */
export const onTakenOut = (port: Pick<LedgersPort, 'on'>, memberId: string, hear: (concern: Concern) => void): (() => void)[] => [
  port.on('member_left', ({ community_id, member_id }) => {
    if (member_id === memberId) hear(ofCommunity(community_id));
  }),
  port.on('thread_deleted', ({ thread_id }) => hear((ledger) => ledger === `thread:${thread_id}`)),
];

/** Items that have changed and say that the member may stand otherwise: the ledgers that may be there for them again. */
export const concernsOf = (ledger: string, names: readonly ItemName[]): Concern[] => {
  if (ledger === 'me') return names.flatMap(({ kind, key }) => (kind === 'membership' ? [ofCommunity(key)] : []));
  if (!names.some(({ kind }) => kind === 'role')) return [];
  return [(other) => other.startsWith(`${ledger}:`)];
};

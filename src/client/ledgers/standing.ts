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
 * Hears when the server has taken this connection out of rooms, those of ledgers among them: nothing comes from those
 * any more, also when the member was let in again meanwhile. Answers how to stop.
 */
export const onTakenOut = (port: Pick<LedgersPort, 'on'>, memberId: string, hear: (concern: Concern) => void): (() => void)[] => [
  port.on('member_left', ({ community_id, member_id }) => {
    if (member_id === memberId) hear(ofCommunity(community_id));
  }),
  port.on('thread_deleted', ({ thread_id }) => hear((ledger) => ledger === `thread:${thread_id}`)),
];

export interface Standing {
  /** Whether there is a membership of a community. */
  belongs(communityId: string): boolean;
  /** Whether nothing comes of a ledger as long as the member stands as they do. */
  isOutside: Concern;
}

/**
 * Items that have changed and say that the member may stand otherwise: the ledgers of what they lost, those that may be
 * there for them again, and those that take a permission, since nothing tells this connection that it was taken out of
 * their rooms.
 */
export const concernsOf = (ledger: string, names: readonly ItemName[], { belongs, isOutside }: Standing): Concern[] => {
  if (ledger === 'me')
    return names
      .filter(({ kind }) => kind === 'membership')
      .map(
        ({ key }) =>
          (other) =>
            ofCommunity(key)(other) && (!belongs(key) || isOutside(other) || takesPermission(other)),
      );
  return names.some(({ kind }) => kind === 'role' || kind === 'community') ? [(other) => other.startsWith(`${ledger}:`)] : [];
};

const takesPermission: Concern = (ledger) => /^community:[^:]*:/.test(ledger);

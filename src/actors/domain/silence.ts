import { isToBeTold, type NotificationLevel, notificationLevel, notificationLevelKind } from '../../protocol/notification-levels.js';
import type { LedgerItemName, NotificationRecord, Store } from '../../store/contracts.js';
import { memberLedger } from '../ledger/names.js';

type About = Pick<NotificationRecord, 'member_id' | 'thread_id' | 'community_id'>;

/** Of items that are read at once. */
const part = 1_000;

const nameOf = (memberId: string, place: string): LedgerItemName => ({
  ledger: memberLedger(memberId),
  kind: notificationLevelKind,
  key: place,
});
const idOf = ({ ledger, key }: LedgerItemName): string => `${ledger} ${key}`;
const namesOf = ({ member_id, thread_id, community_id }: About): [LedgerItemName, LedgerItemName] => [
  nameOf(member_id, `thread:${thread_id}`),
  nameOf(member_id, `community:${community_id}`),
];

/**
 * Of some notifications that are about to be made those whose members want to hear of them, by what the store has of their levels: one read
 * for all. What this release cannot read says nothing.
 */
export const wantedOf = async <N extends About>(store: Pick<Store, 'ledgers'>, notifications: readonly N[], now: number): Promise<N[]> => {
  const names = [...new Map(notifications.flatMap((one) => namesOf(one).map((name) => [idOf(name), name] as const))).values()];
  const said = new Map<string, NotificationLevel>();
  for (let at = 0; at < names.length; at += part) {
    for (const item of await store.ledgers.named(names.slice(at, at + part))) {
      const level = notificationLevel.safeParse(item.value);
      if (level.success) said.set(idOf(item), level.data);
    }
  }
  return notifications.filter((one) => {
    const [ofThread, ofCommunity] = namesOf(one);
    return isToBeTold(said.get(idOf(ofThread)), said.get(idOf(ofCommunity)), now);
  });
};

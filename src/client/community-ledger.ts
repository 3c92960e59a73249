import type { OwnMembership } from '../protocol/resources.js';
import { type CommunityItems, communityItems } from './community-items.js';
import type { LiveItem } from './ledgers/items.js';
import type { LedgerChange } from './ledgers/ledger-reading.js';
import { communityLedger, followed, ownLedger } from './own-ledger.js';
import type { CommunityPort } from './port.js';

export interface CommunityLedgerParts {
  /** What the community's ledger says is other than before. */
  changed(items: CommunityItems): void;
  /** The community's ledger has these threads no more: they were deleted, or are not open to everybody any more. */
  lost(threadIds: readonly string[]): void;
  /** How oneself stands there, by the copy of one's membership. */
  stands(membership: OwnMembership): void;
  /** Oneself has read, on whichever device, all that came until then. */
  readAll(at: number): void;
  /** Oneself belongs there no more: whoever decides it is to be asked. */
  went(): void;
}

/** What ledgers tell of one community: its own, followed once one is let in, and one's membership in `me`. */
export class CommunityLedger {
  readonly #id: string;
  readonly #port: Pick<CommunityPort, 'ledgers' | 'memberId'>;
  readonly #parts: CommunityLedgerParts;
  readonly #stops: (() => void)[];
  /** As whom the community's is followed. */
  #followedAs: string | null = null;
  #items: CommunityItems;
  /** The copy that was told last; null: none was there. */
  #membership: (LiveItem & { readonly value: OwnMembership }) | null = null;

  constructor(id: string, port: Pick<CommunityPort, 'ledgers' | 'memberId'>, parts: CommunityLedgerParts) {
    this.#id = id;
    this.#port = port;
    this.#parts = parts;
    this.#items = communityItems(id, port.ledgers.state(communityLedger(id)));
    this.#stops = [followed(port, ownLedger), port.ledgers.onChange((change) => this.#heard(change))];
    this.#membership = this.#own()?.get(id) ?? null;
  }

  get items(): CommunityItems {
    return this.#items;
  }

  /** One belongs to the community, so that its changes are told. */
  follow(): void {
    const { memberId } = this.#port;
    if (memberId === null || memberId === this.#followedAs) return;
    this.#followedAs = memberId;
    this.#stops.push(followed(this.#port, communityLedger(this.#id)));
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #heard({ ledger, items }: LedgerChange): void {
    if (ledger === ownLedger) this.#look();
    if (ledger !== communityLedger(this.#id) || items.length === 0) return;
    const state = this.#port.ledgers.state(ledger);
    const { community, roles } = this.#items;
    this.#items = communityItems(this.#id, state, items, this.#items);
    this.#parts.changed(this.#items);
    // Who owns, and which roles there are, is said by the community, and the copy may have been told before that.
    const isOther = community?.owner_id !== this.#items.community?.owner_id || roles !== this.#items.roles;
    if (this.#membership && isOther) this.#parts.stands(this.#membership.value);
    // What is dropped as a whole says nothing of what there is.
    if (state.status !== 'current') return;
    const lost = items.filter(({ kind, key }) => kind === 'thread' && !this.#items.threads.has(key)).map(({ key }) => key);
    if (lost.length > 0) this.#parts.lost(lost);
  }

  /** One's memberships, when none is known to be missing. */
  #own() {
    const state = this.#port.ledgers.state(ownLedger);
    return state.status === 'current' ? state.items<OwnMembership>('membership') : null;
  }

  #look(): void {
    const own = this.#own();
    if (!own) return;
    const item = own.get(this.#id) ?? null;
    const before = this.#membership;
    if (item === before) return;
    this.#membership = item;
    if (!item) {
      this.#parts.went();
      return;
    }
    this.#parts.stands(item.value);
    if (before && before.value.unread_since !== item.value.unread_since) this.#parts.readAll(Date.parse(item.value.unread_since));
  }
}

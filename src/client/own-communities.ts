import type { OwnMembership } from '../protocol/resources.js';
import type { CommunityValue } from './community-items.js';
import { Listeners } from './listeners.js';
import { communityLedger, followed, ownLedger } from './own-ledger.js';
import type { LedgersViewPort } from './port.js';

/** A community to which one belongs, and how. */
export interface OwnCommunity extends CommunityValue {
  readonly membership: OwnMembership;
}

/**
 * The communities to which one belongs, by the copies of one's memberships and the communities' own ledgers: what one
 * does on another device, and what others do, shows here at once, and after a gap without another request. Without a
 * connection: what was known last.
 */
export class OwnCommunities {
  readonly #port: LedgersViewPort;
  readonly #changed = new Listeners();
  readonly #follows = new Map<string, () => void>();
  readonly #stops: (() => void)[];
  #all: readonly OwnCommunity[] | null = null;
  #closed = false;

  constructor(port: LedgersViewPort) {
    this.#port = port;
    this.#stops = [
      followed(port, ownLedger),
      port.ledgers.onChange(({ ledger }) => {
        if (ledger === ownLedger || this.#follows.has(ledger)) this.#look();
      }),
    ];
    this.#look();
  }

  /** By name; null until it is known to which one belongs. One of which nothing more is known yet is not among them. */
  get all(): readonly OwnCommunity[] | null {
    return this.#all;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  subscribe(listener: () => void): () => void {
    return this.#changed.add(listener);
  }

  close(): void {
    this.#closed = true;
    for (const stop of [...this.#stops.splice(0), ...this.#follows.values()]) stop();
    this.#follows.clear();
    this.#changed.clear();
  }

  #look(): void {
    const { ledgers } = this.#port;
    const own = ledgers.state(ownLedger);
    const memberships = own.items<OwnMembership>('membership');
    const isCurrent = own.status === 'current';
    for (const id of memberships.keys()) {
      const name = communityLedger(id);
      if (!this.#follows.has(name)) this.#follows.set(name, followed(this.#port, name));
    }
    const wanted = new Set([...memberships.keys()].map(communityLedger));
    for (const [name, stop] of this.#follows) {
      if (!isCurrent || wanted.has(name)) continue;
      this.#follows.delete(name);
      stop();
    }
    if (memberships.size === 0 && !isCurrent) {
      this.#set(null);
      return;
    }
    const found: OwnCommunity[] = [];
    for (const [id, { value: membership }] of memberships) {
      const community = ledgers.state(communityLedger(id)).items<CommunityValue>('community').get(id)?.value;
      if (community) found.push({ ...community, membership });
    }
    this.#set(found.sort((a, b) => a.name.localeCompare(b.name)));
  }

  #set(all: readonly OwnCommunity[] | null): void {
    if (JSON.stringify(all) === JSON.stringify(this.#all)) return;
    this.#all = all;
    this.#changed.tell();
  }
}

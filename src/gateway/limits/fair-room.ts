import { addressSite } from '../address-block.js';

export interface RoomBounds {
  /** Places for all together. */
  total: number;
  /** Of one IPv4 address or IPv6 /64. */
  perAddress: number;
  /** Of one IPv6 /48, in which one customer may have 65,536 of the former. */
  perSite: number;
}

/** Counts by address and by site, of whatever. */
export class AddressCounts {
  readonly #counts = new Map<string, number>();

  add(block: string): void {
    this.#change(block, 1);
    const site = addressSite(block);
    if (site !== block) this.#change(site, 1);
  }

  remove(block: string): void {
    this.#change(block, -1);
    const site = addressSite(block);
    if (site !== block) this.#change(site, -1);
  }

  /** Whether one more of this address is within both bounds. */
  admits(block: string, { perAddress, perSite }: Omit<RoomBounds, 'total'>): boolean {
    return (this.#counts.get(block) ?? 0) < perAddress && (this.#counts.get(addressSite(block)) ?? 0) < perSite;
  }

  #change(key: string, by: number): void {
    const count = (this.#counts.get(key) ?? 0) + by;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}

/**
 * A bounded number of places that all share, so that a few cannot fill it: an address has so many at most, and when no
 * place is left, whoever comes from a site that holds fewer gets the place that the largest holder has had longest.
 */
export class FairRoom<T extends { readonly block: string }> {
  readonly #bounds: RoomBounds;
  readonly #evicted: (item: T) => void;
  readonly #counts = new AddressCounts();
  /** In the order of their coming. */
  readonly #sites = new Map<string, Set<T>>();
  #size = 0;

  /** `evicted` is told after the item has left. */
  constructor(bounds: RoomBounds, evicted: (item: T) => void) {
    this.#bounds = bounds;
    this.#evicted = evicted;
  }

  get size(): number {
    return this.#size;
  }

  /** False: there is no place for it. */
  enter(item: T): boolean {
    if (!this.#counts.admits(item.block, this.#bounds)) return false;
    const site = addressSite(item.block);
    if (this.#size >= this.#bounds.total && !this.#makeRoom(this.#sites.get(site)?.size ?? 0)) return false;
    const there = this.#sites.get(site);
    if (there) there.add(item);
    else this.#sites.set(site, new Set([item]));
    this.#counts.add(item.block);
    this.#size++;
    return true;
  }

  /** Harmless for what is not in. */
  leave(item: T): void {
    const site = addressSite(item.block);
    const there = this.#sites.get(site);
    if (!there?.delete(item)) return;
    if (there.size === 0) this.#sites.delete(site);
    this.#counts.remove(item.block);
    this.#size--;
  }

  /** Only from a site that holds two more than the one that asks: equals do not drive each other out. */
  #makeRoom(held: number): boolean {
    let largest: Set<T> | undefined;
    for (const there of this.#sites.values()) if (there.size > (largest?.size ?? held + 1)) largest = there;
    const [oldest] = largest ?? [];
    if (!oldest) return false;
    this.leave(oldest);
    this.#evicted(oldest);
    return true;
  }
}

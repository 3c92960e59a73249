/** A device not heard of for so long is taken for gone: its node may have died without a word. */
const silentMs = 90_000;
/** So long whoever lost their node may take to come back by another, and is taken for there. */
export const returnMs = 15_000;
const limit = 200;

/** The sockets through which a member is connected, on whichever nodes. */
export class Devices {
  /** `until`: when it counts no more unless it is heard of again, monotonic ms. */
  readonly #devices = new Map<string, { node: string; until: number }>();

  constructor(private readonly monotonic: () => number) {}

  seen(device: string, node: string): void {
    this.#keep(device, node, silentMs);
  }

  gone(device: string): void {
    this.#devices.delete(device);
  }

  /** It was sent to another node, and counts for `returnMs` yet. */
  leaves(device: string): void {
    this.#keep(device, '', returnMs);
  }

  /** Answers whether any was there: they count for `returnMs` yet. */
  nodeDown(node: string): boolean {
    const latest = this.monotonic() + returnMs;
    let any = false;
    for (const device of this.#devices.values()) {
      if (device.node !== node) continue;
      device.until = Math.min(device.until, latest);
      any = true;
    }
    return any;
  }

  expire(): void {
    const now = this.monotonic();
    for (const [device, { until }] of this.#devices) if (until <= now) this.#devices.delete(device);
  }

  any(): boolean {
    return this.count(1) > 0;
  }

  /** How many are there, counting no further than `most`. */
  count(most: number): number {
    const now = this.monotonic();
    let found = 0;
    for (const { until } of this.#devices.values()) if (until > now && ++found === most) break;
    return found;
  }

  #keep(device: string, node: string, ms: number): void {
    if (this.#devices.size >= limit && !this.#devices.has(device)) this.expire();
    if (this.#devices.size >= limit && !this.#devices.has(device)) return;
    this.#devices.set(device, { node, until: this.monotonic() + ms });
  }
}

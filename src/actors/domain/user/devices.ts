/** A device not heard of for so long is taken for gone: its node may have died without a word. */
const silentMs = 90_000;
const limit = 200;

/** The sockets through which a member is connected, on whichever nodes. */
export class Devices {
  readonly #devices = new Map<string, { node: string; at: number }>();

  constructor(private readonly monotonic: () => number) {}

  seen(device: string, node: string): void {
    if (this.#devices.size >= limit && !this.#devices.has(device)) return;
    this.#devices.set(device, { node, at: this.monotonic() });
  }

  gone(device: string): void {
    this.#devices.delete(device);
  }

  /** Answers whether any went. */
  nodeDown(node: string): boolean {
    const before = this.#devices.size;
    for (const [device, d] of this.#devices) if (d.node === node) this.#devices.delete(device);
    return this.#devices.size < before;
  }

  expire(): void {
    const oldest = this.monotonic() - silentMs;
    for (const [device, d] of this.#devices) if (d.at < oldest) this.#devices.delete(device);
  }

  any(): boolean {
    return this.#devices.size > 0;
  }
}

import type { ChannelHandler, Channels } from '../../../src/gateway/socket/channels.js';

/** Channels between hubs of one process; the twin of ShardedChannels for tests. Delivers in order, in a later turn. */
export class LoopBus {
  readonly #nodes = new Set<LoopChannels>();

  join(): LoopChannels {
    const node = new LoopChannels(this);
    this.#nodes.add(node);
    return node;
  }

  publish(channel: string, payload: string | Uint8Array): void {
    const message = Buffer.from(payload as string);
    setImmediate(() => {
      for (const node of this.#nodes) node.deliver(channel, message);
    });
  }
}

export class LoopChannels implements Channels {
  connected = true;
  readonly #bus: LoopBus;
  readonly #handlers = new Map<string, ChannelHandler>();
  readonly #restored: (() => void)[] = [];

  constructor(bus: LoopBus) {
    this.#bus = bus;
  }

  get subscribed(): string[] {
    return [...this.#handlers.keys()];
  }

  sSubscribe(channel: string, handler: ChannelHandler): void {
    this.#handlers.set(channel, handler);
  }

  sUnsubscribe(channel: string): void {
    this.#handlers.delete(channel);
  }

  sPublish(channel: string, payload: string | Uint8Array): Promise<number> {
    this.#bus.publish(channel, payload);
    return Promise.resolve(0);
  }

  effective(channel: string): Promise<boolean> {
    return Promise.resolve(this.#handlers.has(channel));
  }

  onRestored(listener: () => void): void {
    this.#restored.push(listener);
  }

  restore(): void {
    for (const listener of this.#restored) listener();
  }

  deliver(channel: string, message: Buffer): void {
    try {
      if (this.connected) this.#handlers.get(channel)?.(message, Buffer.from(channel));
    } catch {
      // As ShardedChannels does: one bad message harms no other.
    }
  }
}

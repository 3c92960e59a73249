import type { ChannelHandler, Channels } from '../../src/gateway/socket/channels.js';
import { Line } from './line.js';
import type { SimProcess } from './process.js';
import type { Random } from './random.js';

/** Redis's pub/sub between the processes that are connected to it. */
export class SimBus {
  readonly members = new Set<SimChannels>();
  /** Share of publications that are lost, and that arrive once more, later. */
  loss = 0;
  doubles = 0;

  publish(channel: string, payload: Buffer): void {
    for (const member of this.members) member.arrive(channel, payload);
  }
}

interface Subscription {
  handler: ChannelHandler;
  inEffect: boolean;
}

const pollMs = 5;

/** One process's way to the bus: in order or lost; nothing passes while it is cut. */
export class SimChannels implements Channels {
  readonly #bus: SimBus;
  readonly #process: SimProcess;
  readonly #random: Random;
  readonly #out: Line;
  readonly #in: Line;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #restored: (() => void)[] = [];
  #cut = false;

  constructor(bus: SimBus, process: SimProcess, random: Random) {
    this.#bus = bus;
    this.#process = process;
    this.#random = random;
    this.#out = new Line(process.time, random, 0.1, 2);
    this.#in = new Line(process.time, random, 0.1, 2);
    bus.members.add(this);
    process.onDeath(() => bus.members.delete(this));
  }

  get connected(): boolean {
    return !this.#cut;
  }

  get cut(): boolean {
    return this.#cut;
  }

  set cut(cut: boolean) {
    if (cut === this.#cut) return;
    this.#cut = cut;
    for (const subscription of this.#subscriptions.values()) subscription.inEffect = false;
    if (cut) return;
    for (const channel of this.#subscriptions.keys()) this.#subscribe(channel);
    this.#out.carry(() => {
      if (!this.#cut) this.#in.carry(() => this.#process.deliver(() => this.#tellRestored()));
    });
  }

  sSubscribe(channel: string, handler: ChannelHandler): void {
    this.#subscriptions.set(channel, { handler, inEffect: false });
    if (!this.#cut) this.#subscribe(channel);
  }

  sUnsubscribe(channel: string): void {
    this.#subscriptions.delete(channel);
  }

  sPublish(channel: string, payload: string | Uint8Array): Promise<number> {
    const message = Buffer.from(payload as string);
    if (!this.#cut && !this.#random.chance(this.#bus.loss)) {
      this.#out.carry(() => {
        if (!this.#cut) this.#bus.publish(channel, message);
      });
      if (this.#random.chance(this.#bus.doubles)) {
        this.#process.time.after(this.#random.between(1, 3_000), () => this.#bus.publish(channel, message));
      }
    }
    return Promise.resolve(0);
  }

  async effective(channel: string, ms: number): Promise<boolean> {
    const { clock } = this.#process;
    for (const end = clock.monotonic() + ms; ; await new Promise<void>((resolve) => void clock.after(pollMs, resolve))) {
      const subscription = this.#subscriptions.get(channel);
      if (!subscription) return false;
      if (subscription.inEffect) return true;
      if (clock.monotonic() >= end) return false;
    }
  }

  onRestored(listener: () => void): void {
    this.#restored.push(listener);
  }

  /** From the bus. */
  arrive(channel: string, message: Buffer): void {
    if (this.#cut || !this.#subscriptions.get(channel)?.inEffect) return;
    this.#in.carry(() => {
      if (!this.#cut) this.#process.deliver(() => this.#handle(channel, message));
    });
  }

  #handle(channel: string, message: Buffer): void {
    try {
      this.#subscriptions.get(channel)?.handler(message, Buffer.from(channel));
    } catch {
      // One bad message harms no other.
    }
  }

  #subscribe(channel: string): void {
    this.#out.carry(() => {
      const subscription = this.#subscriptions.get(channel);
      if (subscription && !this.#cut) subscription.inEffect = true;
    });
  }

  #tellRestored(): void {
    if (!this.#cut) for (const listener of this.#restored) listener();
  }
}

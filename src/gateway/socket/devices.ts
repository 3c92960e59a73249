import { type DeviceGone, type DeviceSeen, userAddress } from '../../actors/domain/user/messages.js';
import type { ActorSystem } from '../../actors/runtime/actor.js';
import type { Clock, Timer } from '../../kernel/clock.js';
import { hash32 } from '../../kernel/ids.js';
import { inSteps } from './steps.js';
import type { Subscriber } from './subscriber.js';

const beatMs = 1_000;
const beats = 30;

/**
 * Tells members' actors which of their devices are connected here: at once, then every 30 s, spread over the time so that a
 * crowd that came together is not told together. A crash tells nothing; the actor forgets a device that it no longer hears of.
 */
export class Devices {
  readonly #actors: ActorSystem;
  readonly #node: () => string;
  readonly #clock: Clock;
  readonly #wheel: Set<Subscriber>[] = Array.from({ length: beats }, () => new Set());
  #beat = 0;
  #timer: Timer | undefined;
  #leaving = false;

  constructor(parts: { actors: ActorSystem /** This node's present instance name. */; node: () => string; clock: Clock }) {
    this.#actors = parts.actors;
    this.#node = parts.node;
    this.#clock = parts.clock;
  }

  start(): void {
    this.#timer ??= this.#clock.every(beatMs, () => {
      this.#beat = (this.#beat + 1) % beats;
      for (const subscriber of this.#wheel[this.#beat] ?? []) this.#tellSeen(subscriber);
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  connected(subscriber: Subscriber): void {
    this.#spoke(subscriber).add(subscriber);
    this.#tellSeen(subscriber);
  }

  /** Until `stayed`, connections that end are those of clients who were sent to another node. */
  leaving(): void {
    this.#leaving = true;
  }

  stayed(): void {
    this.#leaving = false;
  }

  gone(subscriber: Subscriber): void {
    this.#spoke(subscriber).delete(subscriber);
    this.#actors.tell<DeviceGone>(userAddress(subscriber.caller.member_id), {
      type: 'device_gone',
      device: subscriber.line.id,
      ...(this.#leaving && { returns: true as const }),
    });
  }

  /** Tells of all of them, since this node goes by another name now. Never rejects. */
  async announce(): Promise<void> {
    await inSteps(
      this.#wheel.flatMap((spoke) => [...spoke]),
      (subscriber) => {
        if (this.#spoke(subscriber).has(subscriber)) this.#tellSeen(subscriber);
      },
    );
  }

  #spoke(subscriber: Subscriber): Set<Subscriber> {
    return this.#wheel[hash32(subscriber.line.id) % beats]!;
  }

  #tellSeen(subscriber: Subscriber): void {
    this.#actors.tell<DeviceSeen>(userAddress(subscriber.caller.member_id), {
      type: 'device_seen',
      device: subscriber.line.id,
      node: this.#node(),
    });
  }
}

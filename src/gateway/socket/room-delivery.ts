import { Frames } from './frames.js';
import type { RoomEvent, RoomMail } from './room-mail.js';
import type { Delivery } from './room-queue.js';

export interface RoomPort {
  /** The ids of those who are in a room; undefined for nobody. */
  members(room: string): ReadonlySet<string> | undefined;
  /** Writes events to one of them. Never throws. */
  write(id: string, events: readonly RoomEvent[], frames: Frames, room: string): void;
}

/** Events that go together at most. */
export const mostTogether = 256;

/**
 * Events on their way to those of this node who are in a room when their turn comes: not to whoever has left it until then, and
 * perhaps to some who came while they waited. Until it begins it takes along what follows.
 */
export class RoomDelivery implements Delivery<unknown> {
  /** Only members who may view this thread hear them; undefined for everybody. */
  readonly audience: string | undefined;
  readonly #port: RoomPort;
  readonly #room: string;
  readonly #except: string | undefined;
  #events: readonly RoomEvent[];
  #under: { readonly frames: Frames; readonly ids: Iterator<string>; left: number } | undefined;

  constructor(port: RoomPort, room: string, { events, except, audience }: RoomMail) {
    this.audience = audience;
    this.#port = port;
    this.#room = room;
    this.#except = except;
    this.#events = events;
  }

  get weight(): number {
    return this.#events.length;
  }

  get done(): boolean {
    return this.#under?.left === 0;
  }

  take(next: unknown): boolean {
    if (!(next instanceof RoomDelivery) || this.#under || next.#except !== this.#except || next.audience !== this.audience) return false;
    if (this.weight + next.weight > mostTogether) return false;
    this.#events = this.#events.concat(next.#events);
    return true;
  }

  holds(): Promise<void> | undefined {
    return undefined;
  }

  giveUp(): void {
    // It holds nothing up.
  }

  /** Where not everybody hears them: whether somebody does. */
  protected reaches(_id: string): boolean {
    return true;
  }

  step(most: number): number {
    this.#under ??= this.#begin();
    const under = this.#under;
    let count = 0;
    for (; count < most && under.left > 0; count++) {
      const { value: id, done } = under.ids.next();
      // As many as there were: those who come meanwhile do not make it longer.
      under.left = done ? 0 : under.left - 1;
      if (done || (this.#except !== undefined && this.#port.members(this.#except)?.has(id))) continue;
      if (this.audience !== undefined && !this.reaches(id)) continue;
      this.#port.write(id, this.#events, under.frames, this.#room);
    }
    return count;
  }

  #begin(): { frames: Frames; ids: Iterator<string>; left: number } {
    const members = this.#port.members(this.#room) ?? new Set<string>();
    return { frames: new Frames(this.#events), ids: members.values(), left: members.size };
  }
}

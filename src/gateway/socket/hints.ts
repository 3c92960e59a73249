import type { ServerEventName } from '../../protocol/events.js';

/** Events that carry no rev and may be lost; the first to go when a reader or a node cannot keep up. */
export const hints: ReadonlySet<string> = new Set<ServerEventName>([
  ...(['typing', 'stop_typing', 'presence', 'read_receipt', 'thread_heads'] as const),
]);

/** Events that carry a change of a thread: who missed one learns of the hole by rev. */
export const threadChanges: ReadonlySet<string> = new Set<ServerEventName>(['new_message', 'message_updated', 'message_deleted']);

export interface HeldPresence {
  room: string;
  payload: { member_id: string };
}

/**
 * Presence that was not sent, so that it can be made good: of each member in each room only the newest, and of those only
 * `most`, the oldest forgotten first. Typing and receipts are not held; they end, or are read again, by themselves.
 */
export class PresenceHold {
  readonly #most: number;
  readonly #held = new Map<string, HeldPresence>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#held.size;
  }

  hold(room: string, payload: unknown): void {
    const presence = payload as HeldPresence['payload'];
    const key = `${room} ${presence.member_id}`;
    this.#held.delete(key);
    if (this.#held.size >= this.#most) for (const oldest of this.#held.keys()) if (this.#held.delete(oldest)) break;
    this.#held.set(key, { room, payload: presence });
  }

  /** Takes out what is held, oldest first. */
  release(): HeldPresence[] {
    const all = [...this.#held.values()];
    this.#held.clear();
    return all;
  }
}

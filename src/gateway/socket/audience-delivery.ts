import type { Audiences } from './audiences.js';
import { GivenUp } from './given-up.js';
import { RoomDelivery, type RoomPort } from './room-delivery.js';
import type { RoomMail } from './room-mail.js';

/** An answer that comes later than that is not waited for, ms. */
const holdMs = 2_000;

export interface AudiencePort extends RoomPort {
  memberOf(socketId: string): string | undefined;
  readonly audiences: Pick<Audiences, 'may' | 'learn'>;
}

/**
 * Events that only those in the audience of a thread hear, of the members who are in the room when their turn comes. While it is not
 * known of all of them the room is held; of whom it is not known in time does not hear them.
 */
export class AudienceDelivery extends RoomDelivery {
  readonly #port: AudiencePort;
  readonly #room: string;
  readonly #communityId: string;
  readonly #givenUp = new GivenUp();
  #waiting: Promise<void> | undefined;
  #to: ReadonlySet<string> | undefined;

  constructor(port: AudiencePort, room: string, mail: RoomMail & { audience: string }, communityId: string) {
    super(port, room, mail);
    this.#port = port;
    this.#room = room;
    this.#communityId = communityId;
  }

  override holds(): Promise<void> | undefined {
    if (this.#to) return undefined;
    this.#waiting ??= this.#begin();
    return this.#waiting;
  }

  override giveUp(): void {
    this.#givenUp.now();
  }

  override take(next: unknown): boolean {
    return !this.#to && super.take(next);
  }

  protected override reaches(id: string): boolean {
    return this.#to?.has(id) ?? false;
  }

  #begin(): Promise<void> | undefined {
    const { audiences } = this.#port;
    const threadId = this.audience!;
    const members = this.#members();
    if (members.every((member) => audiences.may(threadId, member) !== undefined)) {
      this.#decide();
      return undefined;
    }
    const learned = audiences.learn(threadId, this.#communityId, () => members, holdMs);
    return Promise.race([learned, this.#givenUp.happens]).then(() => this.#decide());
  }

  #members(): string[] {
    return [...(this.#port.members(this.#room) ?? [])].flatMap((id) => this.#port.memberOf(id) ?? []);
  }

  #decide(): void {
    const to = new Set<string>();
    for (const id of this.#port.members(this.#room) ?? []) {
      const member = this.#port.memberOf(id);
      if (member !== undefined && this.#port.audiences.may(this.audience!, member)) to.add(id);
    }
    this.#to = to;
  }
}

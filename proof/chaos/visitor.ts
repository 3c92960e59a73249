import { setTimeout as sleep } from 'node:timers/promises';
import { Person, type PersonParts } from './person.js';
import { oneOf } from './random.js';

/** After a removal it stays connected for so long, to hear what it should not, ms. */
const listenMs = 15_000;

export interface Place {
  community: string;
  thread: string;
  /** May remove and ban. */
  owner: Person;
}

/** A member who comes and goes: joins, reads along, leaves or is thrown out, and stays connected with its thread open. */
export class Visitor extends Person {
  readonly #place: Place;
  readonly #abort = new AbortController();
  #visiting: Promise<void> = Promise.resolve();

  constructor(name: string, parts: PersonParts, place: Place) {
    super(name, parts);
    this.#place = place;
  }

  start(): void {
    this.#visiting = this.#visit().catch(() => undefined);
  }

  /** Ends between two visits, or in the middle of one. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#visiting;
    for (const thread of this.views.keys()) this.client.closeThread(thread);
    this.views.clear();
  }

  async #visit(): Promise<void> {
    const { community, thread, owner } = this.#place;
    const { signal } = this.#abort;
    const place = { community_id: community };
    while (!signal.aborted) {
      const joined = await this.byRest({ do: 'join', community, whom: this.id }, () => this.client.operations.joinAsMember(place));
      if (!joined) {
        await sleep(2_000, undefined, { signal });
        continue;
      }
      const view = this.client.openThread(thread);
      this.views.set(thread, view);
      await sleep(4_000 + this.parts.random() * 6_000, undefined, { signal });
      const how = oneOf(this.parts.random, ['leave', 'kick', 'ban'] as const);
      const act = { do: 'remove', community, whom: this.id, how } as const;
      const member = { community_id: community, member_id: this.id };
      if (how === 'leave') await this.byRest(act, () => this.client.operations.leaveAsMember(place));
      else if (how === 'kick') await owner.byRest(act, () => owner.client.operations.removeMember(member));
      else await owner.byRest(act, () => owner.client.operations.changeMembership({ ...member, is_banned: true }));
      await sleep(listenMs, undefined, { signal });
      this.client.closeThread(thread);
      this.views.delete(thread);
      // Harmless for one who was not banned: then there is no such member.
      if (how === 'ban') await this.#until(() => owner.client.operations.changeMembership({ ...member, is_banned: false }));
    }
  }

  async #until(done: () => Promise<unknown>): Promise<void> {
    for (let attempt = 0; attempt < 20 && !this.#abort.signal.aborted; attempt++) {
      const ok = await done().then(
        () => true,
        () => false,
      );
      if (ok) return;
      await sleep(1_000, undefined, { signal: this.#abort.signal });
    }
  }
}

import { z } from 'zod';
import { command, type LivingSlice } from '../../actors/domain/slice.js';
import type { MemberSlice, MemberSliceContext } from '../../actors/domain/user/slice.js';
import { Fault } from '../../kernel/errors.js';
import { id } from '../../protocol/primitives.js';
import { type SavedItem, savedBounds, savedItem } from './contract.js';

const { kind } = savedItem;

const put = z.object({ message_id: id, thread_id: id, community_id: id });
const take = z.object({ message_id: id });

/** One of somebody's, with what the ledger says of it. */
export type Saved = SavedItem & { message_id: string };

/**
 * Messages that one member has saved: items of the ledger `me`. Whether the member may read them was asked before a
 * message is saved, and is asked again when they are listed.
 */
class SavedMessages implements LivingSlice<string> {
  readonly #ledger: MemberSliceContext['ledger'];
  readonly #clock: MemberSliceContext['clock'];

  readonly commands = {
    list: command(z.object({}), () => this.#list()),
    put: command(put, (by: string, input) => this.#put(by, input)),
    take: command(take, (by: string, input) => this.#take(by, input)),
  };

  constructor({ ledger, clock }: MemberSliceContext) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  async #list(): Promise<Saved[]> {
    const items = await this.#ledger.items(kind, savedBounds.messages);
    return items.map(({ key, value }) => ({ message_id: key, ...(value as SavedItem) }));
  }

  async #put(by: string, { message_id, ...place }: z.output<typeof put>): Promise<SavedItem> {
    let saved: SavedItem = { ...place, saved_at: new Date(this.#clock.now()).toISOString() };
    await this.#ledger.commit(async () => {
      const before = await this.#ledger.item(kind, message_id);
      if (before) {
        saved = before.value as SavedItem;
        return null;
      }
      if ((await this.#ledger.items(kind, savedBounds.messages)).length >= savedBounds.messages) {
        throw new Fault('conflict', `A member has at most ${savedBounds.messages} saved messages: take one away first`);
      }
      return { by, operation: 'save_message', changes: [{ kind, key: message_id, value: saved }] };
    });
    return saved;
  }

  async #take(by: string, { message_id }: z.output<typeof take>): Promise<null> {
    await this.#ledger.commit(async () => {
      const before = await this.#ledger.item(kind, message_id);
      return before ? { by, operation: 'unsave_message', changes: [{ kind, key: message_id, deleted: true }] } : null;
    });
    return null;
  }
}

export const savedSlice: MemberSlice = { name: 'saved', create: (context) => new SavedMessages(context) };

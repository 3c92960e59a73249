import { z } from 'zod';
import { command, type LivingSlice } from '../../actors/domain/slice.js';
import type { MemberSlice, MemberSliceContext } from '../../actors/domain/user/slice.js';
import { Fault } from '../../kernel/errors.js';
import { type Setting, settingBounds, settingItem } from './contract.js';

const { kind } = settingItem;

export const put = z.object({ key: z.string(), value: z.unknown() });

/** The settings of one member. Each is an item of the ledger `me`: there is no other record of it. */
class Settings implements LivingSlice<string> {
  readonly #ledger: MemberSliceContext['ledger'];

  readonly commands = {
    list: command(z.object({}), () => this.#list()),
    put: command(put, (by: string, input) => this.#put(by, input)),
  };

  constructor({ ledger }: MemberSliceContext) {
    this.#ledger = ledger;
  }

  async #list(): Promise<Setting[]> {
    const items = await this.#ledger.items(kind, settingBounds.settings);
    return items.map(({ key, value }) => ({ key, value }));
  }

  async #put(by: string, { key, value }: z.output<typeof put>): Promise<null> {
    await this.#ledger.commit(async () => {
      const before = await this.#ledger.item(kind, key);
      if (value === null) return before ? { by, operation: 'put_setting', changes: [{ kind, key, deleted: true }] } : null;
      if (before && JSON.stringify(before.value) === JSON.stringify(value)) return null;
      if (!before && (await this.#ledger.items(kind, settingBounds.settings)).length >= settingBounds.settings) {
        throw new Fault('conflict', `A member has at most ${settingBounds.settings} settings: take one away first`);
      }
      return { by, operation: 'put_setting', changes: [{ kind, key, value }] };
    });
    return null;
  }
}

export const settingsSlice: MemberSlice = { name: 'settings', create: (context) => new Settings(context) };

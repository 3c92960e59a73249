import { z } from 'zod';
import { command, type LivingSlice } from '../../actors/domain/slice.js';
import type { MemberSlice, MemberSliceContext } from '../../actors/domain/user/slice.js';
import { type PlaceOrder, placeOrderItem } from './contract.js';

const { kind } = placeOrderItem;
const key = 'order';

/** The order of one member's places: one item of the ledger `me`, replaced as a whole. */
class Order implements LivingSlice<string> {
  readonly #ledger: MemberSliceContext['ledger'];

  readonly commands = {
    get: command(z.object({}), () => this.#get()),
    set: command(placeOrderItem.value, (by: string, order) => this.#set(by, order as PlaceOrder)),
  };

  constructor({ ledger }: MemberSliceContext) {
    this.#ledger = ledger;
  }

  async #get(): Promise<PlaceOrder> {
    const item = await this.#ledger.item(kind, key);
    return (item?.value as PlaceOrder | undefined) ?? { places: [] };
  }

  async #set(by: string, { places }: PlaceOrder): Promise<null> {
    await this.#ledger.commit(async () => {
      const before = await this.#get();
      if (before.places.join() === places.join()) return null;
      const change = places.length === 0 ? { kind, key, deleted: true as const } : { kind, key, value: { places } };
      return { by, operation: 'set_place_order', changes: [change] };
    });
    return null;
  }
}

export const placeOrderSlice: MemberSlice = { name: 'place_order', create: (context) => new Order(context) };

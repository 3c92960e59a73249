import { z } from 'zod';
import { command, type LivingSlice } from '../../actors/domain/slice.js';
import type { MemberSlice, MemberSliceContext } from '../../actors/domain/user/slice.js';
import { Fault } from '../../kernel/errors.js';
import { type NotificationLevel, notificationLevel } from '../../protocol/notification-levels.js';
import { placeName } from '../../protocol/place-name.js';
import { type LevelOfPlace, levelBounds, notificationLevelItem } from './contract.js';
import { keptAs, overBy } from './policy.js';

const { kind } = notificationLevelItem;
const operation = 'set_notification_level';

const set = z.object({ place: placeName, said: notificationLevel });
const takeBack = z.object({ place: placeName });

/** Mutes that are over go with a commit, at most so many. */
const clearedAtOnce = 100;

/** What one member wants to hear of places: items of the ledger `me`. Whether they may view a place was asked before. */
class Levels implements LivingSlice<string> {
  readonly #ledger: MemberSliceContext['ledger'];
  readonly #clock: MemberSliceContext['clock'];

  readonly commands = {
    list: command(z.object({}), () => this.#list()),
    set: command(set, (by: string, input) => this.#set(by, input)),
    take_back: command(takeBack, (by: string, input) => this.#takeBack(by, input)),
  };

  constructor({ ledger, clock }: MemberSliceContext) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  async #items(): Promise<{ key: string; value: NotificationLevel }[]> {
    const items = await this.#ledger.items(kind, levelBounds.levels);
    return items.map(({ key, value }) => ({ key, value: value as NotificationLevel }));
  }

  async #list(): Promise<LevelOfPlace[]> {
    return (await this.#items()).map(({ key, value }) => ({ place: key, ...value }));
  }

  async #set(by: string, { place, said }: z.output<typeof set>): Promise<null> {
    const now = this.#clock.now();
    const value = keptAs(said, now);
    if (value === null) await this.#takeBack(by, { place });
    else
      await this.#ledger.commit(async () => {
        const before = await this.#ledger.item(kind, place);
        if (before && JSON.stringify(before.value) === JSON.stringify(value)) return null;
        const cleared = before ? [] : await this.#room(now);
        return { by, operation, changes: [{ kind, key: place, value }, ...cleared] };
      });
    await this.#ledger.projected();
    return null;
  }

  /** For one more: mutes that are over make room. */
  async #room(now: number): Promise<{ kind: string; key: string; deleted: true }[]> {
    const items = await this.#items();
    if (items.length < levelBounds.levels) return [];
    const over = overBy(items, now, clearedAtOnce);
    if (over.length > 0) return over.map(({ key }) => ({ kind, key, deleted: true }));
    throw new Fault('conflict', `A member says of at most ${levelBounds.levels} places what they want to hear: take one back first`);
  }

  /** Answers whether anything had been said. */
  async #takeBack(by: string, { place }: z.output<typeof takeBack>): Promise<boolean> {
    const done = await this.#ledger.commit(async () => {
      const before = await this.#ledger.item(kind, place);
      return before ? { by, operation, changes: [{ kind, key: place, deleted: true }] } : null;
    });
    await this.#ledger.projected();
    return done !== null;
  }
}

/** Answered once workers see it: they read what is stored of it. */
export const levelsSlice: MemberSlice = { name: 'notification_levels', create: (context) => new Levels(context) };

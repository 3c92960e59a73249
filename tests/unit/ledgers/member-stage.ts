import { pino } from 'pino';
import { domainKinds } from '../../../src/actors/domain/kinds.js';
import { userAddress } from '../../../src/actors/domain/user/messages.js';
import { memberLedger } from '../../../src/actors/ledger/names.js';
import type { SyncAnswer, SyncAsk } from '../../../src/actors/ledger/sync.js';
import { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { collectionsOf, slicesOf } from '../../../src/catalogue/assembled.js';
import { features } from '../../../src/features/index.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { LedgerChanged } from '../../../src/protocol/ledgers.js';
import type { LedgerRepository, Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { aMember } from '../domain/a-member.js';

const nothing = () => undefined;

/** One member's actor with what features add to it, on the memory store, with time in the test's hand. */
export class MemberStage {
  readonly clock = new FakeClock();
  readonly base: Store = createMemoryStore({ clock: this.clock, collections: collectionsOf(features) });
  readonly member = newId(1);
  /** What was told to rooms. */
  readonly told: { room: string; event: string; payload: LedgerChanged }[] = [];
  /** Calls of the ledgers' store, by method. */
  readonly calls: Record<string, number> = {};
  /** The ledgers' store does not answer. */
  away = false;
  #system = this.#actors();

  async open(): Promise<this> {
    await this.base.members.insert(aMember(this.member, 'ada'));
    return this;
  }

  #actors(): LocalActorSystem {
    const ledgers = new Proxy(this.base.ledgers, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...given: unknown[]) => unknown;
        return async (...given: unknown[]) => {
          this.calls[String(name)] = (this.calls[String(name)] ?? 0) + 1;
          if (!this.away) return Reflect.apply(method, target, given);
          if (name === 'append') return (given[0] as unknown[]).map(() => 'unknown');
          throw new Fault('unavailable');
        };
      },
    }) as LedgerRepository;
    const fanout = {
      publish: (room: string, event: string, payload: unknown) => void this.told.push({ room, event, payload: payload as LedgerChanged }),
      ...{ reached: nothing, evict: nothing, recheck: nothing, close: nothing },
    };
    const store = { ...this.base, ledgers };
    const kinds = domainKinds({ store, fanout, nudge: { changed: nothing, deleted: nothing }, slices: slicesOf(features) });
    const claim = { epoch: 1, since: this.clock.monotonic() };
    return new LocalActorSystem({
      ...{ kinds, clock: this.clock, telemetry: new Telemetry(), claimOf: () => claim },
      logger: pino({ level: 'silent' }),
    });
  }

  tell(message: { type: string; [key: string]: unknown }): void {
    this.#system.tell(userAddress(this.member), message);
  }

  ask<R>(feature: string, command: string, input: object = {}, by = this.member): Promise<R> {
    return this.#system.ask(userAddress(this.member), { type: 'feature', by, feature, command, input } as never) as Promise<R>;
  }

  sync(what: SyncAsk = {}, by = this.member): Promise<SyncAnswer> {
    return this.#system.ask(userAddress(this.member), {
      type: 'sync_ledger',
      by,
      ledger: memberLedger(this.member),
      ...what,
    } as never) as Promise<SyncAnswer>;
  }

  /** The actor ends, and comes to life anew with the next message. */
  async end(how: 'handoff' | 'lost' | 'idle'): Promise<void> {
    await this.#system.catalog.evacuate(() => true, how);
  }

  stop(): Promise<void> {
    return this.#system.stop();
  }
}

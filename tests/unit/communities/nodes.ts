import { pino } from 'pino';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import { domainKinds } from '../../../src/actors/domain/kinds.js';
import type { Fanout } from '../../../src/actors/domain/ports.js';
import { threadAddress } from '../../../src/actors/domain/thread/messages.js';
import type { SyncAnswer, SyncAsk } from '../../../src/actors/ledger/sync.js';
import { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { starterRoleOf } from '../../../src/authority/roles.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { communityLedger } from '../../../src/store/community-items.js';
import type { CommunityRecord, CommunityRepository, LedgerCommit, Store, ThreadRepository } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { aCommunity, aMembership } from '../../conformance/store/records.js';
import { Trouble } from '../actors/ledger/stage.js';
import { aMember } from '../domain/a-member.js';

/**
 * What becomes of a write to a document: it goes through, with an answer or without; it is lost; it lands much later.
 */
export type DocumentFate = 'ok' | 'unseen' | 'lost' | 'delayed';

const nothing = () => undefined;
const logger = pino({ level: 'silent' });

export interface Told {
  room: string;
  event: string;
  payload: Record<string, unknown>;
  audience?: string;
}

/** One store, a community in it with three members, and any number of nodes that each believe to own it. */
export class Nodes {
  readonly clock = new FakeClock();
  readonly base: Store = createMemoryStore({ clock: this.clock });
  readonly ledgers = new Trouble(this.clock);
  readonly community = newId(2);
  readonly ledger = communityLedger(this.community);
  /** The first owns it. */
  readonly people = [newId(11), newId(12), newId(13)];
  readonly told: Told[] = [];
  /** Calls of the store that nodes have made, as `repository.method`. */
  readonly calls: string[] = [];
  documentFates: DocumentFate[] = [];
  /** Of writes to threads, and of the word that they are told. */
  threadFates: DocumentFate[] = [];
  #late: (() => Promise<unknown>)[] = [];
  #systems: LocalActorSystem[] = [];
  #epoch = 0;

  async open(fields: Partial<CommunityRecord> = {}): Promise<this> {
    const [owner] = this.people as [string];
    const { base, community } = this;
    await base.communities.insert(aCommunity({ id: community, owner_id: owner, created_by: owner, member_count: 3, ...fields }));
    for (const [at, id] of this.people.entries()) {
      await base.members.insert(aMember(id, `person-${at}`));
      const roles = at === 0 ? [starterRoleOf(community)] : [];
      await base.memberships.putMissing([aMembership({ community_id: community, member_id: id, roles, state: 'active' })]);
    }
    return this;
  }

  /** Another owner; the slot is its own from now on. */
  node(): LocalActorSystem {
    const claim = { epoch: ++this.#epoch, since: this.clock.monotonic() };
    const fanout = {
      publish: (room: string, event: string, payload: object, { audience }: { audience?: string } = {}) =>
        void this.told.push({ room, event, payload: { ...payload }, ...(audience !== undefined && { audience }) }),
      ...{ reached: nothing, evict: nothing, recheck: nothing, close: nothing },
    } as Fanout;
    const store = {
      ...this.base,
      memberships: this.#counted('memberships', this.base.memberships),
      communities: this.#counted('communities', this.base.communities, { apply: this.#apply }),
      threads: this.#counted('threads', this.base.threads, this.#threadWrites()),
      ledgers: this.#counted('ledgers', this.ledgers),
    };
    const kinds = domainKinds({ store, fanout, nudge: { changed: nothing, deleted: nothing } });
    const system = new LocalActorSystem({ kinds, clock: this.clock, logger, telemetry: new Telemetry(), claimOf: () => claim });
    this.#systems.push(system);
    return system;
  }

  #counted<R extends object>(name: string, repository: R, instead: Partial<R> = {}): R {
    return new Proxy(repository, {
      get: (target, method) => {
        const own = Reflect.get(target, method) as () => unknown;
        const done = (Reflect.get(instead, method) as (() => unknown) | undefined) ?? own;
        return (...given: []) => {
          this.calls.push(`${name}.${String(method)}`);
          return Reflect.apply(done, target, given);
        };
      },
    });
  }

  readonly #apply: CommunityRepository['apply'] = async (...state) => {
    const { communities } = this.base;
    const fate = this.documentFates.shift() ?? 'ok';
    if (fate === 'ok') return communities.apply(...state);
    if (fate === 'unseen') await communities.apply(...state);
    if (fate === 'delayed') this.#late.push(() => communities.apply(...state));
    throw new Fault('timeout');
  };

  #threadWrites(): Partial<ThreadRepository> {
    const { threads } = this.base;
    const fated =
      <A extends unknown[], R>(write: (...given: A) => Promise<R>) =>
      async (...given: A): Promise<R> => {
        const fate = this.threadFates.shift() ?? 'ok';
        if (fate === 'ok') return write(...given);
        if (fate === 'unseen') await write(...given);
        if (fate === 'delayed') this.#late.push(() => write(...given));
        throw new Fault('timeout');
      };
    return {
      insert: fated((...given) => threads.insert(...given)),
      update: fated((...given) => threads.update(...given)),
      setOverrides: fated((...given) => threads.setOverrides(...given)),
      told: fated((...given) => threads.told(...given)),
    };
  }

  /** What was delayed arrives now. */
  async land(): Promise<void> {
    await this.ledgers.land();
    for (const write of this.#late.splice(0)) await write();
  }

  ask<R = unknown>(node: LocalActorSystem, message: { type: string } & Record<string, unknown>): Promise<R> {
    return node.ask(communityAddress(this.community), message as never, { timeoutMs: 60_000 }) as Promise<R>;
  }

  askThread<R = unknown>(node: LocalActorSystem, id: string, message: { type: string } & Record<string, unknown>): Promise<R> {
    return node.ask(threadAddress(id), message as never, { timeoutMs: 60_000 }) as Promise<R>;
  }

  sync(node: LocalActorSystem, by: string, ask: SyncAsk & { as_member?: true } = {}): Promise<SyncAnswer> {
    return this.ask(node, { type: 'sync_ledger', by, ledger: this.ledger, ...ask });
  }

  /** Lets time pass until a promise is settled. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    promise.then(mark, mark);
    for (let i = 0; i < 1_000 && !settled; i++) await this.clock.advance(100);
    return promise;
  }

  async document(): Promise<CommunityRecord> {
    return (await this.base.communities.byId(this.community)) as CommunityRecord;
  }

  commits(): Promise<LedgerCommit[]> {
    return this.ledgers.base.commitsAfter(this.ledger, 0, 10_000);
  }

  /** The node dies: no more turns. */
  async kill(node: LocalActorSystem): Promise<void> {
    await this.during(node.catalog.evacuate(({ kind }) => kind === 'community' || kind === 'thread', 'lost'));
  }

  async close(): Promise<void> {
    await this.during(Promise.all(this.#systems.splice(0).map((system) => system.stop())));
  }
}

export const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: { code?: string }) => error.code ?? String(error),
  );

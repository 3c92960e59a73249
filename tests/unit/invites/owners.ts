import { pino } from 'pino';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import { domainKinds } from '../../../src/actors/domain/kinds.js';
import type { Recheck } from '../../../src/actors/domain/ports.js';
import type { SyncAnswer, SyncAsk } from '../../../src/actors/ledger/sync.js';
import { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { starterRoleOf } from '../../../src/authority/roles.js';
import { collectionsOf, slicesOf } from '../../../src/catalogue/assembled.js';
import { features } from '../../../src/features/index.js';
import { type InviteRecord, inviteUses } from '../../../src/features/invites/collection.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { newId } from '../../../src/kernel/ids.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { aCommunity, aMembership } from '../../conformance/store/records.js';

const logger = pino({ level: 'silent' });
const nothing = () => undefined;

/** One store, a private community in it with its owner, and any number of nodes that each believe to own it. */
export class Owners {
  readonly clock = new FakeClock();
  readonly store: Store = createMemoryStore({ clock: this.clock, collections: collectionsOf(features) });
  readonly owner = newId(1);
  readonly community = newId(2);
  readonly #systems: LocalActorSystem[] = [];
  #epoch = 0;
  /** What was told to rooms, and who was taken out of them. */
  readonly told: { room: string; event: string; payload: unknown }[] = [];
  readonly rechecked: Recheck[] = [];

  async open(): Promise<this> {
    const { store, community, owner } = this;
    await store.communities.insert(aCommunity({ id: community, owner_id: owner, created_by: owner, is_public: false, member_count: 1 }));
    await store.memberships.putMissing([
      aMembership({ community_id: community, member_id: owner, roles: [starterRoleOf(community)], state: 'active' }),
    ]);
    return this;
  }

  /** Another owner, for whom calls of the store may go wrong. The slot is its own from now on. */
  node(patch: (store: Store) => Partial<Store> = () => ({})): LocalActorSystem {
    const store = { ...this.store, ...patch(this.store) };
    const claim = { epoch: ++this.#epoch, since: this.clock.monotonic() };
    const fanout = {
      publish: (room: string, event: string, payload: unknown) => void this.told.push({ room, event, payload }),
      recheck: (place: Recheck) => void this.rechecked.push(place),
      ...{ reached: nothing, evict: nothing, close: nothing },
    };
    const kinds = domainKinds({ store, fanout, nudge: { changed: nothing, deleted: nothing }, slices: slicesOf(features) });
    const system = new LocalActorSystem({ kinds, clock: this.clock, logger, telemetry: new Telemetry(), claimOf: () => claim });
    this.#systems.push(system);
    return system;
  }

  /** The same, when all before it have ended. */
  async next(patch?: (store: Store) => Partial<Store>): Promise<LocalActorSystem> {
    await this.close();
    return this.node(patch);
  }

  ask<R>(node: LocalActorSystem, by: string, command: string, input: object = {}): Promise<R> {
    return node.ask(communityAddress(this.community), { type: 'feature', by, feature: 'invites', command, input } as never, {
      timeoutMs: 60_000,
    }) as Promise<R>;
  }

  async invite(
    node: LocalActorSystem,
    max_uses: number | null = null,
    expires_in_s: number | null = null,
    role_id: string | null = null,
    by = this.owner,
  ): Promise<InviteRecord> {
    const id = newId(3);
    return (await this.ask<{ record: InviteRecord }>(node, by, 'create', { id, code: id, max_uses, expires_in_s, role_id })).record;
  }

  /** What somebody gets of the ledger of invites. */
  sync(node: LocalActorSystem, by = this.owner, what: SyncAsk = {}): Promise<SyncAnswer> {
    const ledger = `community:${this.community}:manage_invites`;
    return node.ask(communityAddress(this.community), { type: 'sync_ledger', by, ledger, ...what } as never, {
      timeoutMs: 60_000,
    }) as Promise<SyncAnswer>;
  }

  accept(node: LocalActorSystem, by: string, { id }: InviteRecord): Promise<null> {
    return this.ask(node, by, 'accept', { invite_id: id });
  }

  /** Brings it to life, and lets so much time pass. */
  async wake(node: LocalActorSystem, ms = 1_500): Promise<void> {
    await node.ask(communityAddress(this.community), { type: 'access', member_id: this.owner } as never);
    await this.clock.advance(ms);
  }

  async stateOf(memberId: string): Promise<string | undefined> {
    return (await this.store.memberships.get(this.community, memberId))?.state;
  }

  async members(): Promise<string[]> {
    const all = await this.store.memberships.listByCommunity(this.community, { limit: 1_000 });
    return all.map(({ member_id }) => member_id).filter((id) => id !== this.owner);
  }

  async uses({ id }: InviteRecord): Promise<{ number: number; member_id: string; is_owed: boolean }[]> {
    return (await this.store.collection(inviteUses).find('latest', { where: { invite_id: id }, limit: 1_000 })).reverse();
  }

  async close(): Promise<void> {
    await Promise.all(this.#systems.splice(0).map((system) => system.stop()));
  }
}

import { type CopyThreads, communityAddress, type TellOwners } from '../actors/domain/community/messages.js';
import { type CopiedKind, hasUntold, userAddress } from '../actors/domain/user/messages.js';
import type { ActorSystem } from '../actors/runtime/actor.js';
import type { Clock } from '../kernel/clock.js';
import type { Logger } from '../kernel/logger.js';
import type { Store, UntoldRecords } from '../store/contracts.js';

/** Whoever wrote has told by then. */
const settledMs = 5_000;
/** Records that are looked at in one read. */
const batch = 200;
/** Between two of them: the actors that were told read, commit and clear meanwhile. */
const restMs = 500;
/** Communities in one run. */
const mostCommunities = 100;

/** What is copied: of threads the owners of ledgers are communities. */
interface Told {
  kind: CopiedKind | 'thread';
  records: UntoldRecords<unknown>;
  tell(owner: string): void;
}

/**
 * Sees to it that ledgers come to show what was written elsewhere, whichever hint was lost and whoever died on the way.
 * Goes by the marks in the store, so it may be interrupted and repeated at any point. A large number of untold records,
 * as after an import, is told in parts: each run goes on behind the members whom the one before has told, so that those
 * who cannot be served keep nobody from it.
 */
export class UntoldSweep {
  readonly #kinds: readonly Told[];
  /** By kind, where the last run has come to. */
  readonly #after = new Map<Told['kind'], string>();

  constructor(
    private readonly store: Pick<Store, 'communities' | 'memberships' | 'notifications' | 'sessions' | 'reads' | 'threads'>,
    private readonly actors: Pick<ActorSystem, 'tell'>,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    const toMember = (kind: CopiedKind) => (id: string) => actors.tell(userAddress(id), hasUntold(kind));
    this.#kinds = [
      { kind: 'membership', records: store.memberships, tell: toMember('membership') },
      { kind: 'notification', records: store.notifications, tell: toMember('notification') },
      { kind: 'session', records: store.sessions, tell: toMember('session') },
      { kind: 'read', records: store.reads, tell: toMember('read') },
      { kind: 'thread', records: store.threads, tell: (id) => actors.tell<CopyThreads>(communityAddress(id), { type: 'copy_threads' }) },
    ];
  }

  /** For so many ms, about. */
  async run(forMs: number): Promise<void> {
    const before = this.clock.now() - settledMs;
    const until = this.clock.monotonic() + forMs;
    await this.#communities(before);
    for (const which of this.#kinds) {
      const told = await this.#tell(which, before, until);
      if (told > 0) this.logger.info({ kind: which.kind, owners: told }, 'owners are told what their ledgers do not show yet');
    }
  }

  /** How many were told. */
  async #tell({ kind, records, tell }: Told, before: number, until: number): Promise<number> {
    let told = 0;
    do {
      const members = await records.untoldMembers(before, this.#after.get(kind), batch);
      if (members === null) {
        this.#after.delete(kind);
        return told;
      }
      for (const id of members) tell(id);
      told += members.length;
      this.#after.set(kind, members.at(-1)!);
      await this.clock.sleep(restMs);
    } while (this.clock.monotonic() < until);
    return told;
  }

  /** Of a deleted one the memberships go; of another owner the community's actor tells. */
  async #communities(before: number): Promise<void> {
    for (const { id, deleted_at, untold } of await this.store.communities.untold(before, mostCommunities)) {
      if (deleted_at === null) this.actors.tell<TellOwners>(communityAddress(id), { type: 'tell_owners' });
      else {
        await this.store.memberships.removeByCommunity(id);
        await this.store.communities.told(id, untold!);
      }
    }
  }
}

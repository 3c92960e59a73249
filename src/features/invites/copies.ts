import type { CommunitySliceContext } from '../../actors/domain/community/slice.js';
import type { LedgerChange } from '../../store/contracts.js';
import { type InviteRecord, invites, inviteUses } from './collection.js';
import { inviteItem } from './contract.js';
import { isLiving } from './policy.js';
import { shown } from './shown.js';

const { kind } = inviteItem;

/** Uses that come within so many ms are one commit: an invite by which a crowd comes in. */
const gatherMs = 2_000;
/** After the store did not answer. */
const againMs = 2_000;
/** A write whose outcome is not known may land for so long, ms. */
const lateMs = 30_000;
/** More than a community can have: living ones, and a few that are not cleared away yet. */
export const mostLoaded = 500;
/** Less than a commit may have, in number and in bytes. */
const mostChanges = 80;

/**
 * Living invites of one community in its ledger for `manage_invites`. Records and uses are the truth, and it is this
 * actor that writes them: so no mark says what the ledger does not show. It is compared with what is stored instead,
 * all of it before somebody first asks in an activation, and what was written since after each write. What must hold:
 * each decision reads what is stored then, behind the head that it commits upon; whoever committed that had written
 * before; uses only grow and what has ended does not live again. So an older state never comes over a newer one, and a
 * crash leaves what the next owner finds by comparing.
 */
export class InviteCopies {
  readonly #context: CommunitySliceContext;
  /** Written since it was compared. */
  readonly #changed = new Set<string>();
  /** Those that the ledger has with an end in time, ms: they go without a write. */
  readonly #ending = new Map<string, number>();
  #isCompared = false;
  /**
   * A write of this owner may land until then, monotonic ms: till it is over, what is compared counts for that moment.
   */
  #unsureUntil = Number.NEGATIVE_INFINITY;
  #dueAt = Number.POSITIVE_INFINITY;

  constructor(context: CommunitySliceContext) {
    this.#context = context;
  }

  /** Others may have written: everything is compared again before it counts for known. */
  forget(): void {
    this.#isCompared = false;
  }

  /**
   * Makes a write of one. Where its outcome is not known, everything is compared again, until it cannot land any more.
   */
  async around<T>(id: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      this.forget();
      this.#unsureUntil = this.#context.clock.monotonic() + lateMs;
      this.#context.after(lateMs, () => this.bringAlong());
      this.#changed.add(id);
      this.#flushIn(againMs);
      throw error;
    }
  }

  /** Durable in the ledger when it resolves, as a rule; else a little later. Never rejects: what was done stands. */
  async changed(...ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#changed.add(id);
    await this.flush().catch((error: unknown) => {
      this.#context.logger.debug({ err: error }, 'an invite is not in the ledger yet');
      this.#flushIn(againMs);
    });
  }

  /** In the ledger soon, with what else changes until then. */
  used(id: string): void {
    this.#changed.add(id);
    this.#flushIn(gatherMs);
  }

  /** Rejects when that cannot be known. */
  async bringAlong(): Promise<void> {
    if (!this.#isCompared) {
      for (const { key } of await this.#ledger.items(kind, 2 * mostLoaded)) this.#changed.add(key);
      for (const { id } of await this.#records()) this.#changed.add(id);
    }
    const now = this.#context.clock.now();
    for (const [id, at] of this.#ending) if (at <= now) this.#changed.add(id);
    await this.flush();
    this.#isCompared = this.#context.clock.monotonic() >= this.#unsureUntil;
  }

  /** In a turn. Rejects when the store does not answer; it is asked again then, or finds it when it compares. */
  async flush(): Promise<void> {
    for (let ids = this.#next(); ids.length > 0; ids = this.#next()) {
      await this.#ledger.commit(async () => ({ by: null, operation: 'copy', changes: await this.#changes(ids) }));
      for (const id of ids) this.#changed.delete(id);
    }
  }

  #next(): string[] {
    return [...this.#changed].slice(0, mostChanges);
  }

  get #ledger() {
    return this.#context.ledger('manage_invites');
  }

  #records(): Promise<InviteRecord[]> {
    return this.#context.store.collection(invites).find('newest', { where: { community_id: this.#context.id }, limit: mostLoaded });
  }

  async #changes(ids: readonly string[]): Promise<LedgerChange[]> {
    const { store, clock, publicUrl } = this.#context;
    const items = await this.#ledger.itemsOf(kind, ids);
    const records = new Map((await this.#records()).map((record) => [record.id, record]));
    const uses = store.collection(inviteUses);
    const change = async (key: string): Promise<LedgerChange | undefined> => {
      const record = records.get(key);
      const latest = record && (await uses.find('latest', { where: { invite_id: key }, limit: 1 }))[0];
      const counted = record && { record, uses: latest?.number ?? 0 };
      const before = items.get(key);
      this.#ending.delete(key);
      if (!counted || !isLiving(counted.record, counted.uses, clock.now()))
        return before === undefined ? undefined : { kind, key, deleted: true };
      if (counted.record.expires_at !== null) this.#ending.set(key, counted.record.expires_at);
      const value = shown(publicUrl, counted);
      return JSON.stringify(before) === JSON.stringify(value) ? undefined : { kind, key, value };
    };
    return (await Promise.all(ids.map(change))).flatMap((one) => one ?? []);
  }

  #flushIn(ms: number): void {
    const at = this.#context.clock.monotonic() + ms;
    if (at >= this.#dueAt) return;
    this.#dueAt = at;
    this.#context.after(ms, async () => {
      this.#dueAt = Number.POSITIVE_INFINITY;
      await this.changed();
    });
  }
}

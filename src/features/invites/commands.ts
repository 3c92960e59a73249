import { z } from 'zod';
import type { Access } from '../../actors/domain/community/messages.js';
import type { CommunitySlice, CommunitySliceContext } from '../../actors/domain/community/slice.js';
import { command, type LivingSlice } from '../../actors/domain/slice.js';
import { Fault } from '../../kernel/errors.js';
import { id as idForm } from '../../protocol/primitives.js';
import { type InviteRecord, invites } from './collection.js';
import { inviteBounds } from './contract.js';
import { InviteCopies, mostLoaded } from './copies.js';
import { demandAccept, demandCreate, demandMember, isLiving, isTheirs, noSuchInvite, stillStands } from './policy.js';
import type { Counted } from './shown.js';
import { Uses } from './uses.js';

/** Ended ones that are looked at when a new one is made. */
const clearedAtOnce = 10;

export const create = z.object({
  id: idForm,
  code: z.string(),
  max_uses: z.int().nullable(),
  expires_in_s: z.int().nullable(),
  role_id: idForm.nullable(),
});
export const one = z.object({ invite_id: idForm });

/**
 * The invites of one community, inside the turns of its actor: of those who come at once each is decided after the
 * other.
 */
class Invites implements LivingSlice<Access> {
  readonly #context: CommunitySliceContext;
  readonly #uses: Uses;
  readonly #copies: InviteCopies;
  /** Newest first. */
  #records: InviteRecord[] = [];

  readonly commands = {
    create: command(create, (by: Access, input) => this.#create(by, input)),
    list: command(z.object({}), (by: Access) => this.#list(by)),
    revoke: command(one, (by: Access, { invite_id }) => this.#revoke(by, invite_id)),
    accept: command(one, (by: Access, { invite_id }) => this.#accept(by, invite_id)),
  };

  constructor(context: CommunitySliceContext) {
    this.#context = context;
    this.#uses = new Uses(context);
    this.#copies = new InviteCopies(context);
  }

  async load(): Promise<void> {
    this.#uses.forget();
    this.#copies.forget();
    this.#records = await this.#stored.find('newest', { where: { community_id: this.#context.id }, limit: mostLoaded });
    await this.#uses.finish();
  }

  wake(): Promise<void> {
    return this.#uses.finish();
  }

  bringAlong(): Promise<void> {
    return this.#copies.bringAlong();
  }

  flush(): Promise<void> {
    return this.#copies.flush();
  }

  get #stored() {
    return this.#context.store.collection(invites);
  }

  get #now(): number {
    return this.#context.clock.now();
  }

  async #create(by: Access, { id, code, max_uses, expires_in_s, role_id }: z.output<typeof create>): Promise<Counted> {
    demandCreate(by, this.#now);
    const before = this.#records.find((record) => record.id === id) ?? (await this.#stored.byKey(id));
    if (before) return this.#again(before, by.member_id, { max_uses, expires_in_s, role_id });
    if (role_id !== null) await this.#context.demandGiving(by, role_id);
    await this.#clear();
    const living = await this.#living();
    if (living.length >= inviteBounds.living) {
      throw new Fault('conflict', `A community has at most ${inviteBounds.living} invites: revoke one first`);
    }
    const now = this.#now;
    const record: InviteRecord = {
      id,
      code,
      community_id: this.#context.id,
      created_by: by.member_id,
      created_at: now,
      max_uses,
      expires_at: expires_in_s === null ? null : now + expires_in_s * 1_000,
      revoked_at: null,
      role_id,
    };
    // Another owner made it meanwhile, for the same call.
    if ((await this.#copies.around(id, () => this.#stored.insert(record))) !== 'stored')
      throw new Fault('unavailable', 'This invite is being made', { retry_after_ms: 500 });
    this.#records.unshift(record);
    await this.#copies.changed(id);
    return { record, uses: 0 };
  }

  /** The same call again has its invite; the same nonce with other input is another call. */
  async #again(
    record: InviteRecord,
    memberId: string,
    { max_uses, expires_in_s, role_id }: Pick<z.output<typeof create>, 'max_uses' | 'expires_in_s' | 'role_id'>,
  ): Promise<Counted> {
    const seconds = record.expires_at === null ? null : (record.expires_at - record.created_at) / 1_000;
    const isSame = record.created_by === memberId && record.max_uses === max_uses && seconds === expires_in_s && record.role_id === role_id;
    if (!isSame || record.community_id !== this.#context.id) throw new Fault('conflict', 'This nonce was used for another invite');
    await this.#copies.changed(record.id);
    return { record, uses: await this.#uses.count(record.id), again: true };
  }

  async #list(by: Access): Promise<Counted[]> {
    demandMember(by, this.#now);
    const living = await this.#living();
    return living.filter(({ record }) => isTheirs(by, record, this.#now));
  }

  async #living(): Promise<Counted[]> {
    const counted = await Promise.all(this.#records.map(async (record) => ({ record, uses: await this.#uses.count(record.id) })));
    return counted.filter(({ record, uses }) => isLiving(record, uses, this.#now));
  }

  async #revoke(by: Access, inviteId: string): Promise<null> {
    const record = this.#records.find(({ id }) => id === inviteId);
    if (!record || !isTheirs(by, record, this.#now)) throw noSuchInvite();
    if (record.revoked_at === null) this.#replace(await this.#end(inviteId), inviteId);
    await this.#copies.changed(inviteId);
    return null;
  }

  #end(inviteId: string): Promise<InviteRecord | null> {
    return this.#copies.around(inviteId, () => this.#stored.update(inviteId, { revoked_at: this.#now }));
  }

  /** What the store has of one; null: somebody has cleared it away. */
  #replace(stored: InviteRecord | null, inviteId: string): void {
    this.#records = this.#records.flatMap((record) => (record.id !== inviteId ? [record] : stored ? [stored] : []));
  }

  /**
   * A member is let in again without a new use, and one whose use was written before their membership, which a crash
   * prevented, gets it now. Everybody else takes a number first.
   */
  async #accept(by: Access, inviteId: string): Promise<null> {
    const record = this.#records.find(({ id }) => id === inviteId);
    if (!record || !stillStands(record, this.#now)) throw noSuchInvite();
    if (by.role !== null) return null;
    const own = await this.#uses.of(record.id, by.member_id);
    if (!own && !isLiving(record, await this.#uses.count(record.id), this.#now)) throw noSuchInvite();
    demandAccept(by);
    await this.#context.keepPlace(by.member_id);
    const use = own ?? (await this.#copies.around(record.id, () => this.#uses.take(record, by.member_id)));
    if (!use) throw noSuchInvite();
    this.#copies.used(record.id);
    await this.#uses.fulfil(use, record);
    return null;
  }

  /** Takes ended ones away, their uses first: a bounded piece, the rest when the next one is made. */
  async #clear(): Promise<void> {
    await this.#uses.finish();
    let cleared = 0;
    for (const record of [...this.#records].reverse()) {
      if (isLiving(record, await this.#uses.count(record.id), this.#now)) continue;
      if (++cleared > clearedAtOnce) return;
      // With fewer uses than it had, one that was used up must not live again.
      if (record.revoked_at === null) this.#replace(await this.#end(record.id), record.id);
      if (!(await this.#uses.clear(record.id))) return;
      await this.#stored.remove(record.id);
      this.#replace(null, record.id);
      await this.#copies.changed(record.id);
    }
  }
}

export const inviteSlice: CommunitySlice = { name: 'invites', ledger: 'manage_invites', create: (context) => new Invites(context) };

import type { CommunitySliceContext, RoleOf } from '../../actors/domain/community/slice.js';
import { Fault } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import { type InviteRecord, invites, inviteUses, type UseRecord } from './collection.js';

/** In one read or one command. */
const owedAtOnce = 100;
const clearedAtOnce = 1_000;

/** Banned since, or in too many communities: they may ask again, and take no second use. */
const unlessRefused = (error: unknown): void => {
  const { code } = Fault.from(error);
  if (code !== 'forbidden' && code !== 'conflict') throw error;
};

/** What comes with the membership. */
const roleOf = ({ role_id, created_by }: InviteRecord): RoleOf | undefined =>
  role_id === null ? undefined : { role_id, given_by: created_by };

/**
 * Who came by the invites of one community. What must hold: a use is stored before its membership is made, and no two uses of an
 * invite have one number. So a crash leaves at most a use without its membership, which is owed until it is made or was made.
 */
export class Uses {
  readonly #context: CommunitySliceContext;
  /** The highest number of an invite, as far as this owner knows: there may be higher ones. */
  readonly #counts = new Map<string, number>();

  constructor(context: CommunitySliceContext) {
    this.#context = context;
  }

  get #stored() {
    return this.#context.store.collection(inviteUses);
  }

  forget(): void {
    this.#counts.clear();
  }

  async count(inviteId: string): Promise<number> {
    const known = this.#counts.get(inviteId);
    if (known !== undefined) return known;
    const [latest] = await this.#stored.find('latest', { where: { invite_id: inviteId }, limit: 1 });
    const count = latest?.number ?? 0;
    this.#counts.set(inviteId, count);
    return count;
  }

  async of(inviteId: string, memberId: string): Promise<UseRecord | undefined> {
    return (await this.#stored.find('ofMember', { where: { invite_id: inviteId, member_id: memberId }, limit: 1 }))[0];
  }

  /** The member's use, stored; undefined when all are taken. Fault `timeout`: it may be, and is found when they ask again. */
  async take({ id: invite_id, community_id, max_uses }: InviteRecord, memberId: string): Promise<UseRecord | undefined> {
    const now = this.#context.clock.now();
    for (let number = (await this.count(invite_id)) + 1; max_uses === null || number <= max_uses; number++) {
      const use = { id: newId(now), invite_id, community_id, member_id: memberId, number, at: now, is_owed: true };
      const outcome = await this.#stored.insert(use);
      if (outcome !== 'stored' && outcome.taken === 'member') return this.of(invite_id, memberId);
      this.#counts.set(invite_id, number);
      if (outcome === 'stored') return use;
    }
    return undefined;
  }

  /** Makes the membership that a use is for. Faults as of `admit`; it stays owed until it is made. */
  async fulfil(use: UseRecord, invite: InviteRecord): Promise<void> {
    await this.#context.admit(use.member_id, roleOf(invite));
    await this.#settle(use);
  }

  /**
   * Makes the memberships that were owed when an owner died. Not again where it was made and has ended since, where the invite does not
   * stand any more, and where the member may not come in.
   */
  async finish(): Promise<void> {
    const ask = { where: { community_id: this.#context.id, is_owed: true }, limit: owedAtOnce };
    for (let owed = await this.#stored.find('owed', ask); owed.length > 0; owed = await this.#stored.find('owed', ask)) {
      for (const use of owed) {
        const invite = await this.#dueBy(use);
        if (invite) await this.#context.admit(use.member_id, roleOf(invite)).catch(unlessRefused);
        await this.#settle(use);
      }
      if (owed.length < owedAtOnce) return;
    }
  }

  /** Whether nothing is left of the uses of an invite that has ended. */
  async clear(inviteId: string): Promise<boolean> {
    if ((await this.#stored.removeWhere('latest', { where: { invite_id: inviteId } }, clearedAtOnce)) === clearedAtOnce) return false;
    this.#counts.delete(inviteId);
    return true;
  }

  /** The invite by which a membership is due; undefined: none is. */
  async #dueBy({ invite_id, member_id, at }: UseRecord): Promise<InviteRecord | undefined> {
    const access = await this.#context.access(member_id);
    if (access.role !== null || access.is_banned) return undefined;
    const membership = await this.#context.store.memberships.get(this.#context.id, member_id);
    if (membership && membership.joined_at >= at) return undefined;
    const invite = await this.#context.store.collection(invites).byKey(invite_id);
    return invite?.revoked_at === null ? invite : undefined;
  }

  async #settle(use: UseRecord): Promise<void> {
    await this.#stored.update(use.id, { is_owed: false });
  }
}

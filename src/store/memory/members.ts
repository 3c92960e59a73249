import { Fault } from '../../kernel/errors.js';
import { fold } from '../../text/folding.js';
import type { AccountChange, MemberRecord, MemberRepository, ProfilePatch, SignedOut, Slice } from '../contracts.js';
import { nameKeys, namePrefix, usernameKeys } from '../names.js';
import { ascending, behind, copiesOf, copyOrNull, patched } from './order.js';

const isNamed = ({ username, full_name }: MemberRecord, q: string): boolean => {
  const prefix = namePrefix(q);
  if (prefix === '') return false;
  const keys = [...usernameKeys(username), ...nameKeys(full_name)];
  return fold(username).startsWith(fold(q)) || keys.some((key) => key.startsWith(prefix));
};

export class MemoryMembers implements MemberRepository {
  readonly #members = new Map<string, MemberRecord>();
  /** Who signs in by an e-mail, by its folded form. */
  readonly #holders = new Map<string, string>();
  readonly #accountChanges = new Map<string, AccountChange>();

  async insert(member: MemberRecord): Promise<void> {
    if (this.#members.has(member.id)) return;
    this.#refuseTaken(member.id, member);
    this.#members.set(member.id, structuredClone(member));
  }

  async putMissing(members: readonly MemberRecord[]): Promise<string[]> {
    const added: string[] = [];
    for (const member of members) {
      const there = this.#members.has(member.id);
      const taken = await this.insert(member).then(
        () => false,
        () => true,
      );
      if (!there && !taken) added.push(member.id);
    }
    return added;
  }

  async byId(id: string): Promise<MemberRecord | null> {
    return copyOrNull(this.#members.get(id));
  }

  async byIds(ids: readonly string[]): Promise<MemberRecord[]> {
    return copiesOf(this.#members, ids);
  }

  async byUsername(username: string): Promise<MemberRecord | null> {
    return copyOrNull(this.#owner(username));
  }

  async idsByUsernames(usernames: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const username of usernames) {
      const member = this.#owner(username);
      if (member?.is_active) found.set(fold(username), member.id);
    }
    return found;
  }

  async byLogin(login: string): Promise<MemberRecord | null> {
    return copyOrNull(this.#owner(login) ?? this.#members.get(this.#holders.get(fold(login)) ?? ''));
  }

  async holdEmail(id: string): Promise<void> {
    const member = this.#members.get(id);
    if (member && !this.#holders.has(fold(member.email))) this.#holders.set(fold(member.email), id);
  }

  async setEmail(id: string, email: string): Promise<MemberRecord | null> {
    const before = this.#members.get(id);
    if (before && fold(before.email) !== fold(email) && this.#holders.get(fold(before.email)) === id)
      this.#holders.delete(fold(before.email));
    return patched(this.#members, id, { email });
  }

  async update(id: string, patch: ProfilePatch): Promise<MemberRecord | null> {
    if (this.#members.has(id)) this.#refuseTaken(id, patch);
    return patched(this.#members, id, patch);
  }

  async setPassword(id: string, hash: string, signedOut: SignedOut): Promise<boolean> {
    return patched(this.#members, id, { password_hash: hash, signed_out: signedOut }) !== null;
  }

  async setSignedOut(id: string, signedOut: SignedOut): Promise<boolean> {
    return patched(this.#members, id, { signed_out: signedOut }) !== null;
  }

  async deactivate(id: string, { at, reopen_until }: { at: number; reopen_until: number | null }): Promise<boolean> {
    if (this.#members.get(id)?.is_active) this.#accountChanges.set(id, { id, is_active: false, at });
    return patched(this.#members, id, { is_active: false, reopen_until, signed_out: { at, except: null } }) !== null;
  }

  async reopen(id: string, now: number): Promise<boolean> {
    const member = this.#members.get(id);
    if (!member || member.is_active || (member.reopen_until ?? 0) <= now) return false;
    this.#accountChanges.set(id, { id, is_active: true, at: now });
    return patched(this.#members, id, { is_active: true, reopen_until: null }) !== null;
  }

  async accountChange(id: string): Promise<AccountChange | null> {
    return copyOrNull(this.#accountChanges.get(id));
  }

  async accountChanges(before: number, limit: number): Promise<AccountChange[]> {
    return behind(
      this.#accountChanges.values(),
      (a, b) => a.at - b.at,
      ({ at }) => at < before,
      limit,
    );
  }

  async accountChangeTold({ id, at }: AccountChange): Promise<void> {
    if (this.#accountChanges.get(id)?.at === at) this.#accountChanges.delete(id);
  }

  async list(filter: { q?: string | undefined }, slice: Slice<string>): Promise<MemberRecord[]> {
    const after = slice.after === undefined ? undefined : fold(slice.after);
    const matches = (member: MemberRecord): boolean =>
      member.is_active && (filter.q === undefined || isNamed(member, filter.q)) && (after === undefined || fold(member.username) > after);
    return behind(this.#members.values(), (a, b) => ascending(fold(a.username), fold(b.username)), matches, slice.limit);
  }

  async setPresence(changes: readonly { id: string; presence: MemberRecord['presence'] }[]): Promise<void> {
    for (const { id, presence } of changes) patched(this.#members, id, { presence });
  }

  #owner(username: string): MemberRecord | undefined {
    for (const member of this.#members.values()) if (fold(member.username) === fold(username)) return member;
    return undefined;
  }

  #refuseTaken(id: string, { username }: ProfilePatch): void {
    const owner = username === undefined ? undefined : this.#owner(username);
    if (owner !== undefined && owner.id !== id)
      throw new Fault('conflict', undefined, { errors: [{ path: 'username', message: 'is taken' }] });
  }
}

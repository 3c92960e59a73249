import { tellCommunities } from '../../actors/domain/community/account-changes.js';
import { hasUntold, userAddress } from '../../actors/domain/user/messages.js';
import type { Auth } from '../../catalogue/auth.js';
import type { Caller } from '../../catalogue/caller.js';
import type { FeaturePorts, Ground } from '../../catalogue/feature-ports.js';
import type { Given } from '../../catalogue/operation.js';
import { Fault } from '../../kernel/errors.js';
import type { Self } from '../../protocol/resources.js';
import { communitiesOf } from '../../store/belonging.js';
import type { MemberRecord, ProfilePatch } from '../../store/contracts.js';
import { toSelf } from '../../store/resources.js';
import type { changeEmail, changePassword, deactivateMember, updateMember } from './contract.js';

const nobody = (): Fault => new Fault('not_found', 'There is no such member');

/**
 * What acts on an account itself: names by which one signs in, the password, the account's end. Each asks for the
 * password again, since an access token may be stolen.
 */
export class OwnAccount {
  readonly #deps: Ground;
  readonly #auth: Auth;

  constructor(ports: FeaturePorts) {
    this.#deps = ports;
    this.#auth = ports.auth;
  }

  /** Ends all other sessions with it. Whoever may have known the old password is out. */
  async changePassword(caller: Caller, input: Given<typeof changePassword>): Promise<void> {
    await this.#auth.check.confirm(caller, input.password);
    const hash = await this.#auth.passwords.hash(input.new_password);
    const signedOut = { at: this.#deps.clock.now(), except: caller.session_id };
    if (!(await this.#deps.store.members.setPassword(caller.member_id, hash, signedOut))) throw nobody();
    await this.#endSessions(caller.member_id, 'password_changed', caller.session_id);
  }

  /** Nothing tells whether another has the address: see `holdEmail`. Whose it is first signs in by it. */
  async changeEmail(caller: Caller, input: Given<typeof changeEmail>): Promise<Self> {
    await this.#auth.check.confirm(caller, input.password);
    await this.#setEmail(caller, input.email);
    return this.#self(await this.#deps.store.members.byId(caller.member_id));
  }

  /**
   * Who may was decided before. A username or an e-mail address other than the present one asks for the password. Fault
   * `conflict` names `username`.
   */
  async updateProfile(caller: Caller, { member_id: id, ...input }: Given<typeof updateMember>): Promise<Self> {
    const { members } = this.#deps.store;
    const { password, email, ...profile } = input;
    const patch: ProfilePatch = Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined));
    let newEmail: string | undefined;
    if (patch.username !== undefined || email !== undefined) {
      const member = await members.byId(id);
      // Who sends back a whole profile changes nothing by that.
      if (email !== member?.email) newEmail = email;
      if (patch.username === member?.username) delete patch.username;
      if (patch.username !== undefined || newEmail !== undefined) await this.#auth.check.confirm(caller, password);
    }
    const changed = await members.update(id, patch);
    if (Object.keys(patch).length > 0) this.#deps.actors.tell(userAddress(id), { type: 'profile_changed' });
    if (newEmail === undefined) return this.#self(changed);
    await this.#setEmail(caller, newEmail);
    return this.#self(await members.byId(id));
  }

  /** A crash before the end leaves an address by which nobody signs in yet: changing to it again makes up for that. */
  async #setEmail(caller: Caller, email: string): Promise<void> {
    const { members, sessions } = this.#deps.store;
    const now = this.#deps.clock.now();
    await members.setEmail(caller.member_id, email);
    // Beside another write, so that the time does not tell whether the address could be held.
    await Promise.all([members.holdEmail(caller.member_id), sessions.touch(caller.session_id, now, now)]);
  }

  async #self(member: MemberRecord | null): Promise<Self> {
    if (!member) throw nobody();
    return toSelf(member, await communitiesOf(this.#deps.store, member.id), this.#deps.clock.now());
  }

  /**
   * One's own account, which its member may open again for some days, or any as an administrator, which stays closed.
   * Again is harmless; a crash in between leaves sessions that are over by the member's record.
   */
  async close(caller: Caller, { member_id: id, ...input }: Given<typeof deactivateMember>): Promise<void> {
    await this.#auth.check.confirm(caller, input.password);
    const now = this.#deps.clock.now();
    const reopen_until = id === caller.member_id ? now + this.#auth.rules.reopenDays * 86_400_000 : null;
    if (!(await this.#deps.store.members.deactivate(id, { at: now, reopen_until }))) throw nobody();
    await this.#endSessions(id, 'deactivated');
    await tellCommunities(this.#deps.store, this.#deps.actors, id);
  }

  async endOtherSessions(caller: Caller): Promise<void> {
    const signedOut = { at: this.#deps.clock.now(), except: caller.session_id };
    if (!(await this.#deps.store.members.setSignedOut(caller.member_id, signedOut))) throw nobody();
    await this.#endSessions(caller.member_id, 'signed_out', caller.session_id);
  }

  async #endSessions(memberId: string, reason: string, except?: string): Promise<void> {
    await this.#auth.sessions.endAllOf(memberId, reason, except);
    this.#deps.actors.tell(userAddress(memberId), hasUntold('session'));
  }
}

import type { Caller } from '../../catalogue/caller.js';
import type { Authenticator } from '../ports.js';
import { type AccessTokens, refused } from './access-tokens.js';
import type { SessionLiveness } from './liveness.js';

export class TokenAuthenticator implements Authenticator {
  readonly #access: AccessTokens;
  readonly #liveness: SessionLiveness;
  readonly #admins: ReadonlySet<string>;

  /** `admins`: member ids. */
  constructor(access: AccessTokens, liveness: SessionLiveness, admins: readonly string[]) {
    this.#access = access;
    this.#liveness = liveness;
    this.#admins = new Set(admins);
  }

  async authenticate(token: string, from: { address: string; request_id: string }): Promise<Caller> {
    const grant = this.#access.verify(token);
    if (!(await this.#liveness.isAlive(grant.session_id, grant.member_id))) throw refused();
    return {
      member_id: grant.member_id,
      session_id: grant.session_id,
      is_admin: this.#admins.has(grant.member_id),
      address: from.address,
      request_id: from.request_id,
      token_expires_at: grant.expires_at,
    };
  }
}

import type { Self, Session } from '../protocol/resources.js';
import type { RouteAnswer } from '../protocol/routes.js';
import type { RestDoor } from './rest.js';

/** One's own account. What acts on it asks for the password; without it a sign-in of the last five minutes must do. */
export class Account {
  readonly #rest: RestDoor['call'];
  readonly #memberId: () => string;

  constructor(rest: RestDoor['call'], memberId: () => string) {
    this.#rest = rest;
    this.#memberId = memberId;
  }

  /** Ends all other sessions with it. */
  async changePassword(password: string | undefined, new_password: string): Promise<void> {
    await this.#rest('changePassword', { body: { password, new_password } });
  }

  changeEmail(password: string | undefined, email: string): Promise<Self> {
    return this.#rest('changeEmail', { body: { password, email } });
  }

  /** The devices on which one is signed in, last used first. */
  async listSessions(): Promise<Session[]> {
    return (await this.#rest('listSessions', { query: { limit: 100 } })).items;
  }

  async endSession(id: string): Promise<void> {
    await this.#rest('endSession', { params: { id } });
  }

  async endOtherSessions(): Promise<void> {
    await this.#rest('endOtherSessions');
  }

  /** Closes the account and so ends this session too. It can be opened again for some days: see `ParleyClient.reopenAccount`. */
  async close(password: string | undefined): Promise<void> {
    await this.#rest('deactivateMember', { params: { id: this.#memberId() }, body: { password } });
  }

  /** Whether strangers may make accounts here. */
  async signUp(): Promise<RouteAnswer<'getSignUp'>['sign_up']> {
    return (await this.#rest('getSignUp')).sign_up;
  }
}

import type { Self, Session } from '../protocol/resources.js';
import type { AnswerTo, Operations } from './operations.js';

/** One's own account. What acts on it asks for the password; without it a sign-in of the last five minutes must do. */
export class Account {
  readonly #operations: Operations;
  readonly #memberId: () => string;

  constructor(operations: Operations, memberId: () => string) {
    this.#operations = operations;
    this.#memberId = memberId;
  }

  /** Ends all other sessions with it. */
  async changePassword(password: string | undefined, new_password: string): Promise<void> {
    await this.#operations.changePassword({ password, new_password });
  }

  changeEmail(password: string | undefined, email: string): Promise<Self> {
    return this.#operations.changeEmail({ password, email });
  }

  /** The devices on which one is signed in, last used first. */
  async listSessions(): Promise<Session[]> {
    return (await this.#operations.listSessions({ limit: 100 })).items;
  }

  async endSession(id: string): Promise<void> {
    await this.#operations.endSession({ session_id: id });
  }

  async endOtherSessions(): Promise<void> {
    await this.#operations.endOtherSessions();
  }

  /** Closes the account and so ends this session too. It can be opened again for some days: see `ParleyClient.reopenAccount`. */
  async close(password: string | undefined): Promise<void> {
    await this.#operations.deactivateMember({ member_id: this.#memberId(), password });
  }

  /** Whether strangers may make accounts here. */
  async signUp(): Promise<AnswerTo<'get_sign_up'>['sign_up']> {
    return (await this.#operations.getSignUp()).sign_up;
  }
}

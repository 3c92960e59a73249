import type { Caller } from '../../catalogue/caller.js';
import type { Page, Session } from '../../protocol/resources.js';
import { toSession } from '../../store/resources.js';
import type { Sessions } from '../auth/sessions.js';
import { cursors, limitOf, offsetCursor, type PageQuery } from './cursor.js';

/** The devices on which a member is signed in. */
export class SessionOperations {
  readonly #sessions: Sessions;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  async list(caller: Caller, query: PageQuery): Promise<Page<Session>> {
    const all = await this.#sessions.list(caller.member_id);
    const skip = cursors.offset.decode(query.cursor)?.skip ?? 0;
    const next = skip + limitOf(query);
    return {
      items: all.slice(skip, next).map((session) => toSession(session, caller.session_id)),
      next_cursor: next < all.length ? offsetCursor(next) : null,
    };
  }

  async end(caller: Caller, sessionId: string): Promise<void> {
    await this.#sessions.endOwn(caller.member_id, sessionId);
  }
}

import type { SessionBroadcast } from '../ports.js';
import type { Announcements } from './announcements.js';

/** Session ends, told to every node over the announcements; said again for half a minute, heard once. */
export class AnnouncedSessions implements SessionBroadcast {
  readonly #announcements: Announcements;

  constructor(announcements: Announcements) {
    this.#announcements = announcements;
  }

  ended(sessionIds: readonly string[], reason: string): void {
    if (sessionIds.length > 0) this.#announcements.announce('ended', { sessions: [...sessionIds], reason }, { repeat: true });
  }

  onEnded(listener: (sessionIds: readonly string[], reason: string) => void): void {
    this.#announcements.on('ended', ({ sessions, reason }) => listener(sessions, reason));
  }
}

import { Fault } from '../../../kernel/errors.js';
import type { Commits } from './commits.js';
import type { MembershipNews } from './membership-news.js';
import type { Access } from './messages.js';
import type { Roster } from './roster.js';

/** Who look at once how somebody stands whom the store must be asked about. */
const mostLooking = 64;

/**
 * How members stand, for whoever does not wait for a turn to hear it. Nothing is said while it is not known what is
 * stored.
 */
export class Accesses {
  #looking = 0;

  constructor(
    private readonly roster: Pick<Roster, 'known' | 'look' | 'isWriting'>,
    private readonly news: Pick<MembershipNews, 'accessOf'>,
    /** On which it rests, beside the membership. */
    private readonly commits: Pick<Commits, 'isUnknownOf' | 'ended'>,
  ) {}

  /** Without asking the store; undefined where it must be asked. */
  known(memberId: string): Access | undefined {
    const known = this.roster.known(memberId);
    return known === undefined || this.commits.isUnknownOf(memberId) ? undefined : this.news.accessOf(known, memberId);
  }

  /**
   * Beside the turns. What is being written is waited for; fault `unavailable` when it is not known what became of
   * that.
   */
  async look(memberId: string): Promise<Access> {
    if (this.commits.isUnknownOf(memberId)) await this.commits.ended();
    const standing = await this.roster.look(memberId);
    if (this.commits.isUnknownOf(memberId)) throw new Fault('unavailable', 'Who may what here is being written', { retry_after_ms: 500 });
    return this.news.accessOf(standing, memberId);
  }

  /** Undefined when too many look already, and where it is being written: those wait for a turn. */
  atOnce(memberId: string): Access | Promise<Access> | undefined {
    const known = this.known(memberId);
    if (known || this.#looking >= mostLooking || this.roster.isWriting(memberId)) return known;
    this.#looking++;
    return this.look(memberId).finally(() => {
      this.#looking--;
    });
  }
}

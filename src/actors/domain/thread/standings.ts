import { authorise, type Facts } from '../../../authority/authorise.js';
import { nothingThere } from '../../../authority/decide.js';
import { standingIn } from '../../../authority/overrides.js';
import { rules } from '../../../authority/rules.js';
import type { ThreadRecord } from '../../../store/contracts.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { Access } from '../community/messages.js';
import type { AccessCache } from './access-cache.js';
import type { ThreadOverrides } from './overrides.js';

/** How people stand in one thread. */
export class ThreadStandings {
  constructor(
    private readonly context: ActorContext,
    private readonly access: AccessCache,
    private readonly overrides: ThreadOverrides,
    private readonly thread: () => ThreadRecord,
  ) {}

  /** In a thread that is there: with this everything begins that people ask. `anew`: see `AccessCache`. Fault `not_found`. */
  async ofAsker(memberId: string, anew = false): Promise<Access> {
    this.#demandThere();
    const access = await this.of(memberId, anew);
    this.#demandThere();
    return access;
  }

  /** What is stored of it is known: nothing is decided while a write of overrides has no answer. */
  async of(memberId: string, anew: boolean): Promise<Access> {
    const access = await this.access.of(memberId, anew);
    if (this.overrides.isOpen) await this.overrides.settle();
    return standingIn(access, this.thread().overrides);
  }

  /** Throws the refusal. Of the thread itself its beginner is the author. */
  authorise(rule: keyof typeof rules, access: Access): void {
    const facts: Facts = { member_id: access.member_id, isAuthor: access.member_id === this.thread().created_by };
    authorise(rules[rule], access, facts, this.context.clock.now());
  }

  #demandThere(): void {
    if (this.thread().deleted_at !== null) throw nothingThere();
  }
}

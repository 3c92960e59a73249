import { nothingThere, refusalAsMember } from '../../../authority/decide.js';
import type { LedgerHead, SyncLedger } from '../../ledger/messages.js';
import type { SideReads } from '../side-reads.js';
import type { Commits } from './commits.js';
import type { Access } from './messages.js';
import type { PermissionLedgers } from './permission-ledgers.js';
import { demandSee } from './policy.js';

/**
 * What is asked of the community's ledgers: whoever may see the community may read the one of its name. Answered beside
 * the turns.
 */
export class LedgerReads {
  constructor(
    private readonly commits: Pick<Commits, 'name' | 'there' | 'sync' | 'head'>,
    private readonly ledgers: Pick<PermissionLedgers, 'readBy' | 'headOf'>,
    private readonly sideReads: Pick<SideReads, 'answer'>,
  ) {}

  sync(asker: Access, { ledger, type: _, by: __, as_member, ...ask }: SyncLedger): undefined | Promise<undefined> {
    demandSee(asker);
    if (ledger !== this.commits.name) return this.#ofPermission(asker, ledger, ask);
    const refusal = as_member && refusalAsMember(asker);
    if (refusal) throw refusal;
    return this.sideReads.answer(() => this.commits.sync(ask));
  }

  async #ofPermission(asker: Access, name: string, ask: Parameters<Commits['sync']>[0]): Promise<undefined> {
    if (typeof name !== 'string') throw nothingThere();
    const ledger = await this.ledgers.readBy(asker, name);
    return this.sideReads.answer(() => ledger.sync(ask));
  }

  head({ ledger }: LedgerHead): unknown {
    this.commits.there();
    if (ledger === this.commits.name) return this.sideReads.answer(async () => ({ head_rev: await this.commits.head() }));
    return this.ledgers.headOf(ledger).then((head_rev) => ({ head_rev }));
  }
}

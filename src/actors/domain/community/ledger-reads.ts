import { nothingThere, refusalAsMember } from '../../../authority/decide.js';
import type { LedgerHead, SyncLedger } from '../../ledger/messages.js';
import type { SideReads } from '../side-reads.js';
import type { Commits } from './commits.js';
import type { Access } from './messages.js';
import { demandSee } from './policy.js';

/** What is asked of the community's ledger: whoever may see the community may read it. Answered beside the turns. */
export class LedgerReads {
  constructor(
    private readonly commits: Pick<Commits, 'name' | 'there' | 'sync' | 'head'>,
    private readonly sideReads: Pick<SideReads, 'answer'>,
  ) {}

  sync(asker: Access, { ledger, type: _, by: __, as_member, ...ask }: SyncLedger): undefined {
    demandSee(asker);
    const refusal = as_member && refusalAsMember(asker);
    if (refusal) throw refusal;
    this.#demandName(ledger);
    return this.sideReads.answer(() => this.commits.sync(ask));
  }

  head({ ledger }: LedgerHead): undefined {
    this.commits.there();
    this.#demandName(ledger);
    return this.sideReads.answer(async () => ({ head_rev: await this.commits.head() }));
  }

  #demandName(ledger: string): void {
    if (ledger !== this.commits.name) throw nothingThere();
  }
}

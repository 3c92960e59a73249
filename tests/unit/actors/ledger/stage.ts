import { pino } from 'pino';
import { Ledger } from '../../../../src/actors/ledger/ledger.js';
import { type SyncAnswer, type SyncAsk, syncOf } from '../../../../src/actors/ledger/sync.js';
import type { FakeClock } from '../../../../src/kernel/clock.js';
import type { Logger } from '../../../../src/kernel/logger.js';
import type { LedgerCommit, LedgerRepository } from '../../../../src/store/contracts.js';
import { MemoryLedgers } from '../../../../src/store/memory/ledgers.js';

/**
 * What becomes of one write of a commit: it goes through; it goes through or not and no answer comes; it lands later
 * than its answer was waited for; another owner's commit is in its place.
 */
export type Fate = 'ok' | 'slow' | 'unseen' | 'lost' | 'delayed' | 'overtaken';

/** The store's ledgers, which lose answers and time as told. */
export class Trouble implements LedgerRepository {
  readonly base = new MemoryLedgers();
  fates: Fate[] = [];
  /** Calls by method. */
  readonly calls = new Map<string, number>();
  failing = false;
  #late: (() => Promise<unknown>)[] = [];
  #others = 0;

  constructor(private readonly clock: FakeClock) {}

  async append(commits: readonly LedgerCommit[]): Promise<('stored' | 'taken' | 'unknown')[]> {
    this.#count('append');
    const unknown = commits.map(() => 'unknown' as const);
    if (this.failing) {
      this.#late.push(() => this.base.append(commits));
      return unknown;
    }
    switch (this.fates.shift() ?? 'ok') {
      case 'ok':
        return this.base.append(commits);
      case 'slow':
        await this.clock.sleep(1_500);
        return this.base.append(commits);
      case 'unseen':
        await this.base.append(commits);
        return unknown;
      case 'lost':
        return unknown;
      case 'delayed':
        this.#late.push(() => this.base.append(commits));
        return unknown;
      case 'overtaken': {
        const changes = [{ kind: 'other', key: `k${this.#others % 3}`, value: this.#others }];
        const id = `${(this.#others++).toString(16).padStart(24, 'f')}`;
        await this.base.append([{ ...commits[0]!, id, op_id: null, epoch: 0, changes }]);
        return this.base.append(commits);
      }
    }
  }

  /** What was delayed arrives now. */
  async land(): Promise<void> {
    for (const write of this.#late.splice(0)) await write();
  }

  edges = this.#passing('edges');
  commitsAfter = this.#passing('commitsAfter');
  byOperation = this.#passing('byOperation');
  project = this.#passing('project');
  changedAfter = this.#passing('changedAfter');
  living = this.#passing('living');
  newest = this.#passing('newest');
  ofKind = this.#passing('ofKind');
  item = this.#passing('item');
  named = this.#passing('named');
  madeAt = this.#passing('madeAt');
  drop = this.#passing('drop');

  #count(what: string): void {
    this.calls.set(what, (this.calls.get(what) ?? 0) + 1);
  }

  #passing<K extends Exclude<keyof LedgerRepository, 'append'>>(method: K): LedgerRepository[K] {
    return (async (...given: unknown[]) => {
      this.#count(method);
      if (this.failing) throw new Error('the store does not answer');
      return (this.base[method] as (...given: unknown[]) => Promise<unknown>)(...given);
    }) as unknown as LedgerRepository[K];
  }
}

/** One owner of a ledger: what is to run in turns runs one after the other. */
export class Owner {
  readonly ledger: Ledger;
  readonly committed: LedgerCommit[] = [];
  /** Heads that it told when it took over. */
  readonly tookOver: number[] = [];
  readonly context: { clock: FakeClock; epoch: number; isLost: boolean; logger: Logger };
  #turns: Promise<unknown> = Promise.resolve();

  constructor(
    name: string,
    clock: FakeClock,
    epoch: number,
    readonly ledgers: Trouble,
  ) {
    this.context = { clock, epoch, isLost: false, logger: pino({ level: 'silent' }) };
    this.ledger = new Ledger({
      name,
      context: this.context,
      ledgers,
      committed: (commit) => this.committed.push(commit),
      tookOver: () => void this.tookOver.push(this.ledger.head),
      tendIn: (ms) => void clock.after(ms, () => void this.turn(() => this.ledger.tend()).catch(() => undefined)),
    });
  }

  turn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turns.then(work);
    this.#turns = done.catch(() => undefined);
    return done;
  }

  sync(ask: SyncAsk): Promise<SyncAnswer> {
    return syncOf(this.ledger, this.ledgers, ask);
  }
}

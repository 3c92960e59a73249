import { nothingThere, refusalAsMember } from '../../../authority/decide.js';
import { jsonBytes, ledgerBounds } from '../../../protocol/ledgers.js';
import type { LedgerChange, LedgerCommit, Store, ThreadRecord } from '../../../store/contracts.js';
import { itemsOfThread, threadLedger } from '../../../store/thread-items.js';
import type { CopyAct } from '../../ledger/copies.js';
import { LiveLedger } from '../../ledger/live-ledger.js';
import type { LedgerHead, SyncLedger } from '../../ledger/messages.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { Access } from '../community/messages.js';
import type { DomainPorts } from '../ports.js';
import type { SideReads } from '../side-reads.js';
import type { Level } from './messages.js';

/** After the store did not answer. */
const againMs = 2_000;
/** As many items as a page of people has and more. */
const most = 1_000;
/** Of the changes of one commit: less than it may have. */
const room = { changes: ledgerBounds.changes - 10, bytes: ledgerBounds.commitBytes - 4_096 };

const nobody: CopyAct = { by: null, operation: 'copy' };
const nameOf = ({ kind, key }: { kind: string; key: string }): string => `${kind} ${key}`;

/**
 * The ledger of one closed thread: the thread, and its people. The document is the truth, and the thread's actor writes
 * both. What must hold: nobody is answered by the ledger before it shows the document. A crash between the two leaves
 * that to whoever asks next, or to the sweep. While the thread is open it has nothing, and is there for nobody.
 */
export class ThreadLedger {
  /** Made when it is needed: most threads are open. */
  #made: LiveLedger | undefined;
  /** What the ledger has, as text, by name; undefined: not read yet. */
  #has: Map<string, string> | undefined;
  /** States of the document that are known to have been, and up to which of them the ledger shows it. */
  #states = 1;
  #shown = 0;
  #isDue = false;

  constructor(
    private readonly context: ActorContext,
    private readonly ports: { store: Pick<Store, 'threads' | 'ledgers'>; fanout: Pick<DomainPorts['fanout'], 'publish'> },
    private readonly sideReads: Pick<SideReads, 'answer'>,
    private readonly isClosed: () => boolean,
  ) {}

  get #ledger(): LiveLedger {
    const { key } = this.context.address;
    this.#made ??= new LiveLedger({
      ...{ name: threadLedger(key), context: this.context, ledgers: this.ports.store.ledgers },
      // Whoever may not view the thread (any more) hears of none of it.
      publish: (to, event, payload) => this.ports.fanout.publish(to, event, payload, { audience: key }),
      committed: (commit) => this.#committed(commit),
    });
    return this.#made;
  }

  /** In a turn: the document may be another than the ledger shows. Never rejects: what fails is done again. */
  async follow(act: CopyAct = nobody): Promise<void> {
    this.#states++;
    try {
      await this.#level(act);
    } catch (error) {
      this.context.logger.info({ err: error }, 'the ledger of a closed thread is still to follow');
      this.#later();
    }
  }

  /** Beside the turns as well: the document is another than it was. */
  outdated(): void {
    this.#states++;
    this.#later();
  }

  #later(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.context.tellSelfAfter(againMs, { type: 'level', is_due: true } as Level);
  }

  /** The turn for what the actor told itself, or was told by the sweep. */
  async again({ act, is_due }: Level): Promise<void> {
    if (is_due) this.#isDue = false;
    if (!is_due || this.#shown < this.#states) await this.follow(act);
  }

  tend(): Promise<void> {
    return this.#ledger.tend();
  }

  /** In a turn. An owner before may have committed something late. */
  async lookAgain(): Promise<void> {
    if (!this.#has) return;
    await this.#ledger.lookAgain();
    await this.follow();
  }

  /**
   * In a turn. Fault `not_found` for who may not view it, and for everybody while it is open; `forbidden` for strangers
   * `as_member`.
   */
  async sync(asker: Access, { ledger, type: _, by: __, as_member, ...ask }: SyncLedger): Promise<undefined> {
    const refusal = as_member && refusalAsMember(asker);
    if (refusal) throw refusal;
    await this.#demand(ledger);
    return this.sideReads.answer(() => this.#ledger.sync(ask));
  }

  /** In a turn. */
  async head({ ledger }: LedgerHead): Promise<{ head_rev: number }> {
    await this.#demand(ledger);
    return { head_rev: this.#ledger.head };
  }

  async #demand(ledger: string): Promise<void> {
    if (ledger !== this.#ledger.name || !this.isClosed()) throw nothingThere();
    await this.#level(nobody);
  }

  /** Commits what differs, in as many commits as it takes: one, but where there are very many people. */
  async #level(act: CopyAct): Promise<void> {
    while (this.#shown < this.#states) {
      const states = this.#states;
      let isAll = true;
      await this.#ledger.commit(async () => {
        const record = await this.ports.store.threads.byId(this.context.address.key);
        const changes = differences(await this.#present(), record ? itemsOfThread(record) : []);
        const fitting = partOf(changes);
        isAll = fitting.length === changes.length;
        return { ...act, changes: fitting };
      });
      if (isAll) this.#shown = states;
    }
  }

  async #present(): Promise<ReadonlyMap<string, string>> {
    if (this.#has) return this.#has;
    const found = await Promise.all(['thread', 'member'].map((kind) => this.#ledger.items(kind, most)));
    this.#has = new Map(found.flat().map((item) => [nameOf(item), JSON.stringify(item.value)]));
    return this.#has;
  }

  #committed({ changes }: LedgerCommit): void {
    for (const change of changes) {
      if ('value' in change) this.#has?.set(nameOf(change), JSON.stringify(change.value));
      else this.#has?.delete(nameOf(change));
    }
  }
}

/** Whether a ledger of its own may have anything of a thread. */
export const mayHaveLedger = (record: Pick<ThreadRecord, 'scope_since'>, isClosed: boolean): boolean =>
  isClosed || record.scope_since !== undefined;

/** What makes of what is there what is wanted. */
const differences = (there: ReadonlyMap<string, string>, wanted: readonly LedgerChange[]): LedgerChange[] => {
  const names = new Set(wanted.map(nameOf));
  const put = wanted.filter((item) => 'value' in item && there.get(nameOf(item)) !== JSON.stringify(item.value));
  const gone = [...there.keys()].filter((name) => !names.has(name));
  return [
    ...put,
    ...gone.map((name) => {
      const [kind = '', key = ''] = name.split(' ');
      return { kind, key, deleted: true as const };
    }),
  ];
};

const partOf = (changes: readonly LedgerChange[]): LedgerChange[] => {
  let bytes = 0;
  return changes.slice(0, room.changes).filter((change, at) => {
    bytes += jsonBytes(change) + 1;
    return at === 0 || bytes <= room.bytes;
  });
};

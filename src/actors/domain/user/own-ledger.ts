import { nothingThere } from '../../../authority/decide.js';
import { hash32 } from '../../../kernel/ids.js';
import { Copies } from '../../ledger/copies.js';
import { LiveLedger } from '../../ledger/live-ledger.js';
import type { LedgerHead, SyncLedger, TendLedger } from '../../ledger/messages.js';
import { memberLedger } from '../../ledger/names.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { FeatureCommand } from '../community/messages.js';
import { lookAgainLater } from '../look-again.js';
import type { DomainPorts } from '../ports.js';
import { SideReads } from '../side-reads.js';
import { Slices } from '../slices.js';
import { copiedSources } from './copied.js';
import { gatherMsWith } from './gathering.js';
import type { CopiedKind } from './messages.js';
import type { MemberSliceContext } from './slice.js';

/**
 * Sessions that expire tell nobody: it is looked for them some minutes after somebody looked at the ledger, and again
 * as long as it is kept. Spread over minutes: a crowd that comes back is served first.
 */
const lapseMs = { least: 2 * 60_000, spread: 10 * 60_000, again: 3_600_000 };

/** What the member's actor tells itself for its ledger. */
export type OwnLedgerTurn =
  | { type: 'look_again' }
  | { type: 'work'; work: () => Promise<void> }
  | { type: 'copy' }
  | { type: 'lapse' }
  | TendLedger;

/**
 * The ledger `me` of one member: what features keep in it, and what is copied into it. In the turns of the member's
 * actor.
 */
export class OwnLedger {
  readonly #context: ActorContext;
  readonly #ports: DomainPorts;
  readonly #devices: () => number;
  readonly #ledger: LiveLedger;
  /** These are made when they are needed first: most members are connected and do nothing. */
  #slices: Slices<MemberSliceContext, string> | undefined;
  #sideReads: SideReads | undefined;
  #copies: Copies | undefined;
  /** What is known of `read` while nothing is to be copied. */
  readonly #marks = {};
  /** Whether an owner before may still have something under way; undefined until the ledger is used. */
  #isDoubtful: (() => boolean) | undefined;
  #looksForLapsed = false;
  /** Of the command whose turn it is. */
  #ifRev: number | undefined;

  /** `devices`: how many are connected, 2 at most. */
  constructor(context: ActorContext, ports: DomainPorts, devices: () => number) {
    this.#context = context;
    this.#ports = ports;
    this.#devices = devices;
    const { store, fanout } = ports;
    this.#ledger = new LiveLedger({
      ...{ name: memberLedger(context.address.key), context, ledgers: store.ledgers },
      publish: (room, event, payload) => fanout.publish(room, event, payload),
    });
  }

  get #id(): string {
    return this.#context.address.key;
  }

  #gatherMs(): number {
    return gatherMsWith(this.#devices());
  }

  #ofFeatures(): Slices<MemberSliceContext, string> {
    const { clock, logger } = this.#context;
    const { store, slices } = this.#ports;
    this.#slices ??= new Slices(slices?.member ?? [], {
      ...{ id: this.#id, clock, logger, store, ledger: this.#ledgerOfSlices(), gatherMs: () => this.#gatherMs() },
      after: (ms, work) => this.#turnIn(ms, { type: 'work', work }),
    });
    return this.#slices;
  }

  #beside(): SideReads {
    this.#sideReads ??= new SideReads(this.#context);
    return this.#sideReads;
  }

  #copying(): Copies {
    const { store } = this.#ports;
    const own = { store, memberId: this.#id, ledger: this.#ledger, marks: this.#marks, now: () => this.#context.clock.now() };
    this.#copies ??= new Copies({
      ...{ subject: this.#id, ledger: this.#ledger, context: this.#context },
      sources: copiedSources({ ...own, gatherMs: () => this.#gatherMs() }),
      turnIn: (ms) => this.#turnIn(ms, { type: 'copy' }),
      isDoubtful: () => this.#isDoubtful?.() ?? true,
    });
    return this.#copies;
  }

  #turnIn(ms: number, turn: OwnLedgerTurn): void {
    this.#context.tellSelfAfter(ms, turn);
  }

  /** `isOwner`: what waits is written. */
  async end({ isOwner }: { isOwner: boolean }): Promise<void> {
    await this.#sideReads?.end();
    if (isOwner) await this.#flush();
  }

  hint(kind: CopiedKind): void {
    this.#copying().hint(kind);
  }

  turn(message: OwnLedgerTurn): Promise<void> | void {
    switch (message.type) {
      case 'copy':
        this.#isUsed();
        return this.#copy();
      case 'lapse':
        this.#copying().hint('session');
        return this.#turnIn(lapseMs.again, { type: 'lapse' });
      case 'work':
        return message.work();
      case 'tend_ledger':
        return this.#ledger.tend();
      case 'look_again':
        this.#slices?.forget();
        return this.#ledger.lookAgain();
    }
  }

  async #copy(): Promise<void> {
    await this.#copies?.turn();
    if (this.#copies?.isIdle) this.#copies = undefined;
  }

  /** What a feature commits in the turn of a command is on the condition that came with it. */
  async carryOut(message: FeatureCommand): Promise<unknown> {
    this.#isUsed();
    if (message.by !== this.#id) throw nothingThere();
    this.#ifRev = message.if_rev;
    try {
      return await this.#ofFeatures().carryOut(message.by, message);
    } finally {
      this.#ifRev = undefined;
    }
  }

  #ledgerOfSlices(): MemberSliceContext['ledger'] {
    const ledger = this.#ledger;
    return {
      commit: (decide) => {
        const if_rev = this.#ifRev;
        if (if_rev === undefined) return ledger.commit(decide);
        return ledger.commit(async () => {
          const draft = await decide();
          return draft && { ...draft, if_rev };
        });
      },
      item: (kind, key) => ledger.item(kind, key),
      items: (kind, limit) => ledger.items(kind, limit),
      projected: () => ledger.projected(),
    };
  }

  async sync({ by, ledger, ...ask }: SyncLedger): Promise<unknown> {
    this.#isUsed();
    if (by !== this.#id || ledger !== this.#ledger.name) throw nothingThere();
    await this.#flush();
    if (!this.#looksForLapsed) {
      this.#looksForLapsed = true;
      this.#turnIn(lapseMs.least + (hash32(this.#id) % lapseMs.spread), { type: 'lapse' });
    }
    return this.#beside().answer(() => this.#ledger.sync(ask));
  }

  head({ ledger }: LedgerHead): undefined {
    this.#isUsed();
    if (ledger !== this.#ledger.name) throw nothingThere();
    return this.#beside().answer(async () => {
      await this.#ledger.begin();
      return { head_rev: this.#ledger.head };
    });
  }

  async #flush(): Promise<void> {
    await this.#slices?.flush().catch((error: unknown) => this.#context.logger.info({ err: error }, 'what waits was not written'));
    await this.#copies?.flush();
  }

  /**
   * An owner before may have committed at a place that was free. Whoever asks for nothing of the ledger costs nothing
   * by it.
   */
  #isUsed(): void {
    this.#isDoubtful ??= lookAgainLater(this.#context);
  }
}

import { MemoryLedgerStore } from '../../../src/client/ledgers/ledger-store.js';
import type {
  LedgerAnswer,
  LedgersAnswer,
  LedgersPort,
  SyncLedgerInput,
  SyncLedgersInput,
} from '../../../src/client/ledgers/ledgers-port.js';
import { aloneTab, type TabLeader } from '../../../src/client/ledgers/tab-leader.js';
import { Listeners } from '../../../src/client/listeners.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import type { LedgerChanged } from '../../../src/protocol/ledgers.js';
import { type Change, LedgerModel, type Manner } from './ledger-model.js';

export const ann = '0'.repeat(23).concat('1');
export const communityLedger = (n: number): string => `community:${n.toString(16).padStart(24, '0')}`;

/** Ledgers by name, without a server. */
export class FakeServer {
  readonly clock = new FakeClock();
  readonly models = new Map<string, LedgerModel>();
  readonly #manner: Manner;
  readonly #sockets = new Set<FakePort>();
  #restored = 0;

  constructor(manner: Partial<Manner> = {}) {
    this.#manner = { page: 10, window: 5, byCommits: false, resetsEach: true, ...manner };
  }

  model(name: string): LedgerModel {
    const model = this.models.get(name) ?? new LedgerModel(this.#manner, this.#restored);
    this.models.set(name, model);
    return model;
  }

  get history(): string {
    return new LedgerModel(this.#manner, this.#restored).history;
  }

  /** Commits, and tells whoever has subscribed, unless the event is lost. */
  commit(name: string, changes: readonly Change[], isLost = false): void {
    const event = { ...this.model(name).commit(changes), ledger: name };
    if (!isLost) this.tell(event);
  }

  /** One setting of a ledger. */
  set(name: string, key: string, value: number | null, isLost = false): void {
    this.commit(name, [{ kind: 'setting', key, value }], isLost);
  }

  tell(event: LedgerChanged): void {
    for (const socket of this.#sockets) socket.hear(event);
  }

  restore(lost: number): void {
    this.#restored++;
    for (const model of this.models.values()) model.restore(lost);
  }

  connect(port: FakePort): void {
    this.#sockets.add(port);
  }
}

/** Stands in for one client and its connection; the server answers after 10 ms. */
export class FakePort implements LedgersPort {
  readonly clock: FakeClock;
  readonly random = (): number => 0.5;
  memberId: string | null = ann;
  isOnline = true;
  readonly asked: { operation: string; input: SyncLedgerInput | SyncLedgersInput }[] = [];
  readonly kept: MemoryLedgerStore;
  /** What the next requests fail with. */
  fail: Fault[] = [];
  /** Names that the next `sync_ledgers` has no time for. */
  later: string[] = [];
  /** Names that may be read, and of which nothing is told. */
  readonly strange = new Set<string>();
  /** Answers come though the connection is another one by then. */
  isLate = false;
  readonly #server: FakeServer;
  readonly #tab: TabLeader;
  readonly #heard = new Listeners<[LedgerChanged]>();
  readonly #parted = new Listeners<[event: string, why: object]>();
  readonly #online = new Listeners<[boolean]>();
  readonly #subscribed = new Set<string>();
  #life = 0;

  constructor(server: FakeServer, kept = new MemoryLedgerStore(), tab: TabLeader = aloneTab()) {
    this.#server = server;
    this.clock = server.clock;
    this.kept = kept;
    this.#tab = tab;
    server.connect(this);
  }

  on(event: string, listener: (payload: never) => void): () => void {
    if (event === 'ledger_changed') return this.#heard.add(listener as (event: LedgerChanged) => void);
    return this.#parted.add((name, payload) => name === event && listener(payload as never));
  }

  /** The server takes this connection out of the room of a ledger, and does not say so. */
  leave(ledger: string): void {
    this.#subscribed.delete(ledger);
  }

  /** As `leave`, and it says why. */
  takeOut(ledger: string, event: 'member_left' | 'thread_deleted', why: object): void {
    this.leave(ledger);
    this.#parted.tell(event, why);
  }

  onOnline(listener: (online: boolean) => void): () => void {
    return this.#online.add(listener);
  }

  store(): MemoryLedgerStore {
    return this.kept;
  }

  tabs(): TabLeader {
    return this.#tab;
  }

  hear(event: LedgerChanged): void {
    if (this.isOnline && this.#subscribed.has(event.ledger)) this.#heard.tell(event);
  }

  connect(online: boolean): void {
    this.#life++;
    this.#subscribed.clear();
    this.isOnline = online;
    this.#online.tell(online);
  }

  syncLedger(input: SyncLedgerInput): Promise<LedgerAnswer> {
    return this.#answer('sync_ledger', input, () => {
      const model = this.#server.models.get(input.ledger);
      if (!model) throw new Fault('not_found');
      return model.answer({ after_rev: input.after_rev ?? null, cursor: input.cursor ?? null }, input.history ?? null);
    });
  }

  syncLedgers(input: SyncLedgersInput): Promise<LedgersAnswer> {
    return this.#answer('sync_ledgers', input, () => {
      const answer: LedgersAnswer = { ledgers: [], silent: [], gone: [], later: [], history: this.#server.history };
      for (const [ledger, rev] of Object.entries(input.ledgers)) {
        const model = this.#server.models.get(ledger);
        if (!model) answer.gone.push(ledger);
        else if (this.later.includes(ledger)) answer.later.push(ledger);
        else {
          if (this.strange.has(ledger)) answer.silent.push(ledger);
          else this.#subscribed.add(ledger);
          const { history: _, ...page } = model.answer({ after_rev: rev < 0 ? null : rev, cursor: null }, input.history ?? null);
          if (page.reset || page.rev !== rev || page.head_rev !== rev) answer.ledgers.push({ ledger, ...page });
        }
      }
      this.later = [];
      return answer;
    });
  }

  /** Read now, told a little later; an answer of a connection that is gone does not come. */
  async #answer<T>(operation: string, input: SyncLedgerInput | SyncLedgersInput, read: () => T): Promise<T> {
    this.asked.push({ operation, input });
    const life = this.#life;
    const fault = this.fail.shift();
    let answer: T | Fault;
    try {
      answer = fault ?? read();
    } catch (thrown) {
      answer = Fault.from(thrown);
    }
    await this.clock.sleep(10);
    if (life !== this.#life && !this.isLate) throw new Fault('timeout');
    if (answer instanceof Fault) throw answer;
    return answer;
  }

  /** The operations asked for since this was last called. */
  operations(): string[] {
    return this.asked.splice(0).map(({ operation }) => operation);
  }
}

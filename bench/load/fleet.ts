import { pin } from '../measure/cores.js';
import { Child } from '../processes/child.js';
import { type Findings, findingsOf } from './findings.js';
import type { ClosedLoopOrder, ConnectOrder, JoinOrder, LoadReport, OpenLoopOrder, ReplayOrder } from './orders.js';

const program = new URL('./load-process.ts', import.meta.url);
/** Deliveries that do not come any more for so long will not come. */
const stillMs = 5_000;

export interface CrowdOptions {
  port: number;
  /** Members in turn to each of these instead. */
  ports?: readonly number[];
  tokens: readonly string[];
  pack?: boolean;
  /** So many members in a row share a process, so that a thread of theirs is heard in one. */
  together?: number;
}

/** The load processes: receivers, and one that does nothing but send. */
export class Fleet {
  readonly #receivers: Child[];
  readonly #sender: Child;
  /** Where each member is. */
  #places: { child: number; place: number }[] = [];
  #senders = 0;

  private constructor(receivers: Child[], sender: Child) {
    this.#receivers = receivers;
    this.#sender = sender;
  }

  static async start(receivers: number): Promise<Fleet> {
    const start = (name: string): Child => Child.start(program, name, { nodeArguments: ['--max-semi-space-size=32'] });
    const fleet = new Fleet(
      Array.from({ length: receivers }, (_, i) => start(`load ${i + 1}`)),
      start('sender'),
    );
    await fleet.#all('reset');
    for (const { pid } of [...fleet.#receivers, fleet.#sender]) await pin(pid, 'load');
    return fleet;
  }

  /** Members who listen, numbered on from those who are there. */
  async connect({ port, ports = [port], tokens, pack = false, together = 1 }: CrowdOptions): Promise<void> {
    const parts = this.#receivers.map(() => [] as [token: string, port: number][]);
    const taken = this.#receivers.map((_, child) => this.#places.filter((place) => place.child === child).length);
    tokens.forEach((token, i) => {
      const child = Math.floor(i / together) % parts.length;
      this.#places.push({ child, place: taken[child]! + parts[child]!.length });
      parts[child]!.push([token, ports[i % ports.length]!]);
    });
    await this.#each((child, i) => child.call('connect', { clients: parts[i]!, pack, wave: 48 } satisfies ConnectOrder));
  }

  /** Before any probes. */
  async connectSenders(port: number, tokens: readonly string[]): Promise<void> {
    await this.#sender.call('connect', { clients: tokens.map((token) => [token, port]), pack: false, wave: 48 } satisfies ConnectOrder);
    this.#senders = tokens.length;
  }

  /**
   * Members who listen to one thread from the sender's process, which has little to do: what they measure is the server's time and
   * not that of receivers who wait for each other.
   */
  async connectProbes(port: number, tokens: readonly string[], thread: string, label: string): Promise<void> {
    const first = this.#senders;
    await this.#sender.call('connect', { clients: tokens.map((token) => [token, port]), pack: false, wave: 48 } satisfies ConnectOrder);
    const joins = tokens.map((_, i): [number, string] => [first + i, thread]);
    await this.#sender.call('join', { event: 'join_thread', joins, label, wave: 48 } satisfies JoinOrder);
  }

  /** Everybody goes; others may come. */
  async disconnect(): Promise<void> {
    await this.#all('close');
    this.#places = [];
    this.#senders = 0;
    await this.reset();
  }

  /** Members by number. */
  async join(event: JoinOrder['event'], joins: readonly [member: number, id: string][], label = ''): Promise<void> {
    const parts = this.#receivers.map(() => [] as [number, string][]);
    for (const [member, id] of joins) {
      const { child, place } = this.#places[member]!;
      parts[child]!.push([place, id]);
    }
    await this.#each((child, i) => child.call('join', { event, joins: parts[i]!, label, wave: 48 } satisfies JoinOrder));
  }

  /** Members by number: they read nothing any more, and nothing is expected of them. Before any messages. */
  async stall(members: readonly number[]): Promise<void> {
    const parts = this.#receivers.map(() => [] as number[]);
    for (const member of members) {
      const { child, place } = this.#places[member]!;
      parts[child]!.push(place);
    }
    await this.#each((child, i) => child.call('stall', parts[i]!));
  }

  /** Deliveries within 2 s of the intended time. */
  async timely(): Promise<number> {
    return (await this.#all<number>('timely')).reduce((sum, count) => sum + count, 0);
  }

  /** Into one thread by all senders in turn, or as the lines say (senders by number). */
  openLoop(
    order: { thread: string; burst?: number; asOne?: boolean; ticksPerSecond: number; seconds: number } | OpenLoopOrder,
  ): Promise<void> {
    if ('lines' in order) return this.#sender.call('openLoop', order);
    const { thread, ticksPerSecond, seconds, burst = 1, asOne = false } = order;
    const lines = [{ thread, senders: Array.from({ length: this.#senders }, (_, i) => i) }];
    return this.#sender.call('openLoop', { lines, ticksPerSecond, seconds, burst, asOne } satisfies OpenLoopOrder);
  }

  closedLoop(order: ClosedLoopOrder): Promise<void> {
    return this.#sender.call('closedLoop', order);
  }

  /** By the senders that the order names. */
  replay(order: ReplayOrder): Promise<void> {
    return this.#sender.call('replay', order);
  }

  /** Counts begin anew. */
  async reset(): Promise<void> {
    await this.#all('reset');
  }

  /** Waits until what was acknowledged has arrived, or nothing arrives any more. */
  async settled(): Promise<void> {
    const reports = await this.#reports();
    const { expected } = findingsOf(reports);
    let before = -1;
    for (let since = performance.now(); ; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const delivered = (await this.#all<number>('delivered')).reduce((sum, count) => sum + count, 0);
      if (delivered >= expected) return;
      if (delivered !== before) since = performance.now();
      else if (performance.now() - since > stillMs) return;
      before = delivered;
    }
  }

  async findings(options: { refusals?: boolean } = {}): Promise<Findings> {
    return findingsOf(await this.#reports(), options);
  }

  #reports(): Promise<LoadReport[]> {
    return this.#all<LoadReport>('report');
  }

  #all<T>(name: string): Promise<T[]> {
    return Promise.all([...this.#receivers, this.#sender].map((child) => child.call<T>(name)));
  }

  async #each(work: (child: Child, at: number) => Promise<unknown>): Promise<void> {
    await Promise.all(this.#receivers.map(work));
  }

  /** Ends the processes, and with them every connection. */
  async end(): Promise<void> {
    await Promise.all([...this.#receivers, this.#sender].map((child) => child.end()));
  }
}

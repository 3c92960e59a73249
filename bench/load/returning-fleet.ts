import { pin } from '../measure/cores.js';
import { Child } from '../processes/child.js';
import type { ConnectOrder, LoadReport, OpenLoopOrder } from './orders.js';
import type { EnterOrder, LostOrder, LostReport, Whereabouts } from './returning-orders.js';

const memberProgram = new URL('./returning-process.ts', import.meta.url);
const senderProgram = new URL('./load-process.ts', import.meta.url);
/** What has not come so long after the last message will not come. */
const stillMs = 5_000;
const pollMs = 50;

/** Members who come back when their node dies, and a process that sends all the while. */
export class ReturningFleet {
  readonly #members: Child[];
  readonly #sender: Child;
  #count = 0;

  private constructor(members: Child[], sender: Child) {
    this.#members = members;
    this.#sender = sender;
  }

  static async start(processes: number): Promise<ReturningFleet> {
    const members = Array.from({ length: processes }, (_, i) => Child.start(memberProgram, `returning ${i + 1}`));
    const fleet = new ReturningFleet(members, Child.start(senderProgram, 'sender'));
    await fleet.#sender.call('reset');
    for (const { pid } of [...members, fleet.#sender]) await pin(pid, 'load');
    return fleet;
  }

  /** Members of a thread stand in a row, `together` of them. */
  async enter({ members, ...order }: EnterOrder, together: number): Promise<void> {
    const parts = this.#members.map(() => [] as EnterOrder['members']);
    for (const [i, member] of members.entries()) parts[Math.floor(i / together) % parts.length]!.push(member);
    this.#count = members.length;
    await Promise.all(this.#members.map((child, i) => child.call('enter', { ...order, members: parts[i]! } satisfies EnterOrder)));
  }

  async connectSenders(port: number, tokens: readonly string[]): Promise<void> {
    await this.#sender.call('connect', { clients: tokens.map((token) => [token, port]), pack: false, wave: 48 } satisfies ConnectOrder);
  }

  openLoop(order: OpenLoopOrder): Promise<void> {
    return this.#sender.call('openLoop', order);
  }

  /** Waits until everybody is level again, at most `ms`. */
  async untilBack(ms: number): Promise<Whereabouts & { all: boolean }> {
    for (const until = performance.now() + ms; ; await new Promise((resolve) => setTimeout(resolve, pollMs))) {
      const parts = await this.#all<Whereabouts>('whereabouts');
      const back = parts.reduce((sum, part) => sum + part.back, 0);
      const all = back === this.#count;
      if (!all && performance.now() < until) continue;
      const recovered = parts.reduce((sum, part) => sum + part.recovered, 0);
      return { all, back, recovered, lastBackUs: Math.max(...parts.map(({ lastBackUs }) => lastBackUs)) };
    }
  }

  sent(): Promise<LoadReport> {
    return this.#sender.call<LoadReport>('report');
  }

  /** What was acknowledged and did not come, when it had the time to. */
  async lost(acknowledgedIn: LostOrder['acknowledgedIn']): Promise<LostReport> {
    for (const until = performance.now() + stillMs; ; await new Promise((resolve) => setTimeout(resolve, pollMs))) {
      const parts = await this.#all<LostReport>('lost', { acknowledgedIn } satisfies LostOrder);
      const sum = (of: (part: LostReport) => number): number => parts.reduce((all, part) => all + of(part), 0);
      const report = {
        lost: sum((part) => part.lost),
        duplicates: sum((part) => part.duplicates),
        reordered: sum((part) => part.reordered),
      };
      if (report.lost === 0 || performance.now() > until) return report;
    }
  }

  #all<T>(name: string, input: unknown = null): Promise<T[]> {
    return Promise.all(this.#members.map((child) => child.call<T>(name, input)));
  }

  /** Ends the processes, and with them every connection. */
  async end(): Promise<void> {
    await Promise.all([...this.#members, this.#sender].map((child) => child.end()));
  }
}

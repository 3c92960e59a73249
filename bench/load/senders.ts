import { contentOf, nowUs } from './content.js';
import type { Crowd } from './crowd.js';
import { Latencies } from './latencies.js';
import type { ClosedLoopOrder, OpenLoopOrder, ReplayOrder } from './orders.js';
import { refusalIn } from './pending.js';

const answerMs = 30_000;
/** A run that gets no answers any more ends. */
const settleMs = 30_000;

/** Sends what a load process is to send, and keeps account of the answers. */
export class Senders {
  readonly #crowd: Crowd;
  readonly #name: string;
  #numbers = new Map<number, number>();
  #acknowledgedIn = new Map<string, number>();
  #refused = new Map<string, number>();
  #latencies = new Latencies();
  #unanswered = 0;
  #acknowledged = 0;
  #nonces = 0;

  constructor(crowd: Crowd) {
    this.#crowd = crowd;
    this.#name = `${process.pid.toString(36)}-${Date.now().toString(36)}`;
  }

  reset(): void {
    this.#acknowledgedIn = new Map();
    this.#refused = new Map();
    this.#latencies = new Latencies();
    this.#unanswered = this.#acknowledged = 0;
  }

  sent() {
    return {
      acknowledged: this.#acknowledged,
      acknowledgedIn: [...this.#acknowledgedIn],
      refused: Object.fromEntries(this.#refused),
      unanswered: this.#unanswered,
      acknowledgement: this.#latencies.encode(),
    };
  }

  /**
   * On schedule, whatever the answers: a message that could not be sent in time counts from when it should have been. Resolves when
   * all are answered or given up.
   */
  async openLoop(order: OpenLoopOrder): Promise<void> {
    const { lines, ticksPerSecond, burst, asOne, seconds } = order;
    const ticks = Math.round(ticksPerSecond * seconds);
    const begin = nowUs() + 50_000;
    let tick = 0;
    const turns = lines.map(() => 0);
    await new Promise<void>((resolve) => {
      const step = (): void => {
        for (const now = nowUs(); tick < ticks; tick++) {
          const due = begin + Math.round((tick * 1e6) / ticksPerSecond);
          if (due > now) break;
          const at = tick % lines.length;
          const { thread, senders } = lines[at]!;
          const next = (): number => senders[turns[at]!++ % senders.length]!;
          if (asOne) this.#sendMany(next(), thread, due, burst);
          else for (let i = 0; i < burst; i++) this.#send(next(), thread, due);
        }
        if (tick < ticks) setTimeout(step, 1);
        else resolve();
      };
      step();
    });
    await this.#answered();
  }

  /** Messages with texts of their own, each at its time. Resolves when all are answered or given up. */
  async replay({ messages }: ReplayOrder): Promise<void> {
    const begin = nowUs() + 50_000;
    for (let next = 0; next < messages.length; await pause(1)) {
      for (const now = nowUs(); next < messages.length && begin + messages[next]!.afterUs <= now; next++) {
        const { afterUs, sender, thread, content } = messages[next]!;
        this.#send(sender, thread, begin + afterUs, undefined, content);
      }
    }
    await this.#answered();
  }

  async #answered(): Promise<void> {
    for (const until = performance.now() + settleMs; this.#crowd.requests.size > 0 && performance.now() < until; ) await pause(5);
  }

  /** Resolves when the time is over and all are answered or given up. */
  async closedLoop({ publishers, seconds }: ClosedLoopOrder): Promise<void> {
    const until = performance.now() + seconds * 1000;
    await Promise.all(
      publishers.map(
        ([place, thread]) =>
          new Promise<void>((resolve) => {
            const next = (retryMs: number): void => {
              if (performance.now() >= until) resolve();
              else if (retryMs > 0) setTimeout(next, retryMs, 0);
              else this.#send(place, thread, nowUs(), next);
            };
            next(0);
          }),
      ),
    );
  }

  #send(place: number, thread: string, intendedUs: number, then?: (retryMs: number) => void, text?: string): void {
    const content = this.#content(place, intendedUs, text);
    const payload = `{"thread_id":"${thread}","content":"${content}","nonce":"${this.#name}-${this.#nonces++}"}`;
    this.#ask(place, 'send_message', payload, thread, intendedUs, 1, then);
  }

  /** Only for peers: many messages of one member in one request. */
  #sendMany(place: number, thread: string, intendedUs: number, count: number): void {
    const contents = Array.from({ length: count }, () => `"${this.#content(place, intendedUs)}"`);
    this.#ask(place, 'send_messages', `{"thread_id":"${thread}","contents":[${contents}]}`, thread, intendedUs, count);
  }

  /** As it stands in JSON. `text`: real words behind the mark. */
  #content(place: number, intendedUs: number, text?: string): string {
    const number = (this.#numbers.get(place) ?? 0) + 1;
    this.#numbers.set(place, number);
    if (text === undefined) return contentOf(place, number, intendedUs);
    return JSON.stringify(`${contentOf(place, number, intendedUs, 0)}${text}`).slice(1, -1);
  }

  #ask(
    place: number,
    event: string,
    payload: string,
    thread: string,
    intendedUs: number,
    count: number,
    then?: (retryMs: number) => void,
  ): void {
    const id = this.#crowd.requests.add({
      deadline: performance.now() + answerMs,
      done: (ok, bytes, start, end) => {
        if (ok) {
          this.#acknowledged += count;
          this.#acknowledgedIn.set(thread, (this.#acknowledgedIn.get(thread) ?? 0) + count);
          this.#latencies.record(nowUs() - intendedUs);
          then?.(0);
          return;
        }
        const { code, retryMs } = refusalIn(bytes, start, end);
        this.#refused.set(code, (this.#refused.get(code) ?? 0) + count);
        then?.(Math.max(1, retryMs));
      },
      late: () => {
        this.#unanswered += count;
        then?.(1);
      },
    });
    this.#crowd.member(place).socket.send(event, payload, id);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

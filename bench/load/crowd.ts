import { nowUs } from './content.js';
import { HeardThread, type LabelLatencies, labelLatencies } from './heard-thread.js';
import { LoadSocket } from './load-socket.js';
import type { ConnectOrder, JoinOrder } from './orders.js';
import { type PacketSink, scanEvents, threadNumber } from './packet-scan.js';
import { headIn, PendingRequests, refusalIn } from './pending.js';
import { noFaults, Sequence } from './sequence.js';

const answerMs = 30_000;
const mostTries = 200;
const timelyUs = 2_000_000;

interface Member {
  socket: LoadSocket;
  sequences: Map<number, Sequence>;
  stalled: boolean;
}

/** The sockets of one load process: what they hear is checked and counted, what they ask is answered by number. */
export class Crowd {
  readonly faults = noFaults();
  readonly requests = new PendingRequests();
  readonly #members: Member[] = [];
  readonly #threads = new Map<number, HeardThread>();
  readonly #labels = new Map<string, LabelLatencies>();
  readonly #labelOf = new Map<HeardThread, string>();
  delivered = 0;
  /** Deliveries that came within 2 s of the intended time. */
  timely = 0;
  resyncs = 0;
  packed = 0;
  lost = 0;
  #lostWhy = '';
  #bytesBefore = 0;

  constructor() {
    setInterval(() => this.requests.expire(performance.now()), 1_000).unref();
  }

  get size(): number {
    return this.#members.length;
  }

  /** Bounded waves; who is told to come back does, after the time that it was told. */
  async connect({ clients, pack, wave }: ConnectOrder): Promise<void> {
    const first = this.#members.length;
    this.#members.length = first + clients.length;
    await inWaves(clients, wave, async ([token, port], at) => {
      for (let attempt = 1; ; attempt++) {
        const why = await this.#enter(port, pack ? { token, pack: 1 } : { token }, first + at);
        if (why === undefined) return;
        if (attempt === mostTries) throw new Error(`a client is not let in: ${why}`);
        await sleep(refusalIn(Buffer.from(why), 0, why.length).retryMs);
      }
    });
  }

  #enter(port: number, auth: object, place: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      let inside = false;
      const sequences = new Map<number, Sequence>();
      const sink: PacketSink = {
        message: (seen) => {
          const sequence = sequences.get(seen.thread);
          if (!sequence?.see(seen.rev)) return;
          this.delivered += 1;
          const now = nowUs();
          if (now - seen.intendedUs <= timelyUs) this.timely += 1;
          this.#threads.get(seen.thread)?.heard(seen, now);
        },
        resync: () => {
          this.resyncs += 1;
        },
        packed: () => {
          this.packed += 1;
        },
      };
      const socket = new LoadSocket(port, auth, {
        connected: () => {
          inside = true;
          this.#members[place] = { socket, sequences, stalled: false };
          resolve(undefined);
        },
        refused: (why) => resolve(why),
        event: (bytes, start, end) => scanEvents(bytes, start, end, sink),
        acknowledged: (id, bytes, start, end) => this.requests.answer(id, bytes, start, end),
        lost: (why) => {
          if (!inside) return resolve(why);
          if (this.#members[place]?.stalled) return;
          this.lost += 1;
          this.#lostWhy ||= why;
        },
      });
    });
  }

  async join({ event, joins, label, wave }: JoinOrder): Promise<void> {
    for (const [, id] of event === 'join_thread' ? joins : []) {
      const number = threadNumber(id);
      let thread = this.#threads.get(number);
      if (!thread) {
        thread = new HeardThread(id, this.#label(label));
        this.#threads.set(number, thread);
        this.#labelOf.set(thread, label);
      }
      if (thread.id !== id) throw new Error('two threads have the same number');
      thread.receivers += 1;
    }
    await inWaves(joins, wave, async ([place, id]) => {
      const field = event === 'join_thread' ? 'thread_id' : 'community_id';
      for (let attempt = 1; ; attempt++) {
        const answer = await this.#ask(place, event, `{"${field}":"${id}"}`);
        if ('head' in answer) {
          if (event === 'join_thread') this.member(place).sequences.set(threadNumber(id), new Sequence(answer.head, this.faults));
          return;
        }
        if (attempt === mostTries) throw new Error(`${event} is refused: ${answer.code}`);
        await sleep(answer.retryMs);
      }
    });
  }

  #ask(place: number, event: string, payload: string): Promise<{ head: number } | { code: string; retryMs: number }> {
    return new Promise((resolve) => {
      const id = this.requests.add({
        deadline: performance.now() + answerMs,
        done: (ok, bytes, start, end) => resolve(ok ? { head: headIn(bytes, start, end) } : refusalIn(bytes, start, end)),
        late: () => resolve({ code: 'no answer', retryMs: 0 }),
      });
      this.member(place).socket.send(event, payload, id);
    });
  }

  member(place: number): Member {
    const member = this.#members[place];
    if (!member) throw new Error(`there is no client ${place}`);
    return member;
  }

  /** These read nothing any more, and nothing is expected to reach them; that the server ends them is its right. Before any messages. */
  stall(places: readonly number[]): void {
    for (const place of places) {
      const member = this.member(place);
      member.stalled = true;
      member.socket.stall();
      for (const number of member.sequences.keys()) {
        const thread = this.#threads.get(number);
        if (thread) thread.receivers -= 1;
      }
    }
  }

  #label(name: string): LabelLatencies {
    let label = this.#labels.get(name);
    if (!label) {
      label = labelLatencies();
      this.#labels.set(name, label);
    }
    return label;
  }

  /** Counts begin anew; what receivers know of threads stays. */
  reset(): void {
    this.delivered = this.timely = this.resyncs = this.packed = this.lost = 0;
    this.#lostWhy = '';
    Object.assign(this.faults, noFaults());
    this.#labels.clear();
    for (const [thread, label] of this.#labelOf) thread.reset(this.#label(label));
    this.#bytesBefore = this.#bytesAll();
  }

  heard() {
    return {
      delivered: this.delivered,
      ...this.faults,
      resyncs: this.resyncs,
      packed: this.packed,
      lost: this.lost,
      lostWhy: this.#lostWhy,
      bytes: this.#bytesAll() - this.#bytesBefore,
      receivedIn: [...this.#threads.values()].map(({ id, receivers, deliveries }): [string, number, number] => [id, receivers, deliveries]),
      latencies: [...this.#labels].map(([label, { each, last }]) => ({ label, each: each.encode(), last: last.encode() })),
    };
  }

  #bytesAll(): number {
    return this.#members.reduce((sum, member) => sum + (member?.socket.bytes ?? 0), 0);
  }

  close(): void {
    for (const member of this.#members.splice(0)) member?.socket.close();
    this.#threads.clear();
    this.#labelOf.clear();
    this.#labels.clear();
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** At most `wave` at once, in order. The first failure ends it. */
const inWaves = async <T>(items: readonly T[], wave: number, work: (item: T, at: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      await work(items[at]!, at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(wave, items.length) }, run));
};

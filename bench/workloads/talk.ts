import type { Fleet } from '../load/fleet.js';
import type { Ground } from '../servers/ground.js';
import { type Scene, scene } from '../servers/scene.js';

const threadsInCommunity = 10;

export interface TalkSize {
  threads: number;
  membersOfThread: number;
  publishers: number;
}

/** Many threads of few: each member listens to one thread, publishers send into the threads in turn. */
export class Talk {
  readonly scene: Scene;
  readonly #size: TalkSize;

  constructor(size: TalkSize) {
    this.#size = size;
    const { threads, membersOfThread } = size;
    const step = threadsInCommunity * membersOfThread;
    this.scene = scene(
      threads * membersOfThread,
      Array.from({ length: Math.ceil(threads / threadsInCommunity) }, (_, i) => ({
        from: i * step,
        to: Math.min((i + 1) * step, threads * membersOfThread),
        threads: Math.min(threadsInCommunity, threads - i * threadsInCommunity),
      })),
    );
  }

  get threads(): string[] {
    return this.scene.places.flatMap((place) => place.threads);
  }

  /** `ports`: the members of a thread are spread over these nodes. */
  async enter({ port, tokens }: Ground, fleet: Fleet, ports: readonly number[] = [port]): Promise<void> {
    const { membersOfThread, publishers } = this.#size;
    const { threads } = this;
    await fleet.connect({ port, ports, tokens, together: membersOfThread });
    await fleet.join(
      'join_thread',
      tokens.map((_, i) => [i, threads[Math.floor(i / membersOfThread)]!]),
    );
    // Publisher i is a member of thread i, counted round.
    const authors = Array.from({ length: publishers }, (_, i) => (i % threads.length) * membersOfThread + Math.floor(i / threads.length));
    await fleet.connectSenders(
      port,
      authors.map((author) => tokens[author]!),
    );
  }

  /** On schedule, by all publishers in turn. */
  async openLoop(fleet: Fleet, perSecond: number, seconds: number): Promise<void> {
    const { threads } = this;
    const lines = Array.from({ length: this.#size.publishers }, (_, i) => ({ thread: threads[i % threads.length]!, senders: [i] }));
    await fleet.openLoop({ lines, ticksPerSecond: perSecond, burst: 1, asOne: false, seconds });
    await fleet.settled();
  }

  /** Every publisher sends its next message when the last one was acknowledged. Answers acknowledged messages a second. */
  async closedLoop(fleet: Fleet, seconds: number): Promise<number> {
    const { threads } = this;
    const begin = performance.now();
    await fleet.closedLoop({
      publishers: Array.from({ length: this.#size.publishers }, (_, i) => [i, threads[i % threads.length]!]),
      seconds,
    });
    const elapsed = (performance.now() - begin) / 1000;
    await fleet.settled();
    return (await fleet.findings()).acknowledged / elapsed;
  }
}

import type { Fitness } from '../../../src/actors/cluster/fitness.js';
import { MemoryCluster, type MemoryLink } from '../../../src/actors/cluster/memory/memory-cluster.js';
import { MemoryWitness } from '../../../src/actors/cluster/memory/memory-witness.js';
import { ClusterNode, type NodeLimits } from '../../../src/actors/cluster/node.js';
import { ClusterSender } from '../../../src/actors/cluster/sender.js';
import type { ActorContext, ActorKind, Address } from '../../../src/actors/runtime/actor.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { kindOf, recordingLogger, until } from './fixtures.js';

export interface TestNode {
  node: ClusterNode;
  link: MemoryLink;
  telemetry: Telemetry;
  lines: Record<string, unknown>[];
}

/** Nodes over one in-memory cluster and one fake clock; all kinds know the name of the node they run on. */
export class TestCluster {
  readonly clock = new FakeClock();
  readonly memory = new MemoryCluster(this.clock);
  readonly witness = new MemoryWitness();
  readonly #kinds: (node: string) => ActorKind[];
  #instances = 0;

  constructor(kinds: (node: string) => ActorKind[]) {
    this.#kinds = kinds;
  }

  /** Made, not started. */
  make(name: string, limits: Partial<NodeLimits> = {}, fitness?: Fitness): TestNode {
    const link = this.memory.connect();
    const telemetry = new Telemetry();
    const { logger, lines } = recordingLogger();
    const node = new ClusterNode({
      nodeId: name,
      url: `http://${name}`,
      kinds: this.#kinds(name),
      backbone: link,
      witness: this.witness,
      clock: this.clock,
      logger,
      telemetry,
      limits,
      fitness,
      suffix: () => `${++this.#instances}`.padStart(8, '0'),
    });
    return { node, link, telemetry, lines };
  }

  async start(name: string, limits: Partial<NodeLimits> = {}, fitness?: Fitness): Promise<TestNode> {
    const made = this.make(name, limits, fitness);
    let started = false;
    void made.node.start().then(() => {
      started = true;
    });
    await until(this.clock, () => started);
    return made;
  }

  async sender(): Promise<ClusterSender> {
    const { logger } = recordingLogger();
    const sender = new ClusterSender({
      name: 'sender',
      backbone: this.memory.connect(),
      clock: this.clock,
      logger,
      telemetry: new Telemetry(),
    });
    await sender.start();
    return sender;
  }

  /** Waits, while time passes. */
  async during<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const mark = (): void => {
      ended = true;
    };
    work.then(mark, mark);
    await until(this.clock, () => ended);
    return work;
  }

  /** Until every living node serves what it should, each slot once. */
  async settled(...nodes: TestNode[]): Promise<void> {
    await until(
      this.clock,
      () => nodes.every((n) => n.node.ready().ok) && nodes.reduce((sum, n) => sum + n.node.figures().slots, 0) === 512,
    );
  }
}

/** An address that this node owns. */
export const ownedBy = (asked: TestNode, owner: TestNode, kind = 'a', from = 0): Address => {
  for (let i = from; i < from + 10_000; i++) {
    const address = { kind, key: `k${i}` };
    if (asked.node.ownerOf(address) === owner.node.instance) return address;
  }
  throw new Error('no such address');
};

/** Answers with its node's name and epoch, counts, logs what it sees. */
export const echoKind =
  (seen: { node: string; n: number; key: string }[] = []) =>
  (node: string): ActorKind[] => [
    kindOf(
      'a',
      (context: ActorContext) => ({
        receive(m: { type: string; n?: number }) {
          if (m.n !== undefined) seen.push({ node, n: m.n, key: context.address.key });
          return { node, epoch: context.epoch, n: m.n };
        },
      }),
      { mailboxLimit: 10_000 },
    ),
  ];

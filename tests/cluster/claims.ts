import { Redis } from 'ioredis';
import { slotOf } from '../../src/actors/cluster/slot.js';
import type { Address } from '../../src/actors/runtime/actor.js';
import type { TestCluster, TestNode } from './harness.js';

export interface StandingClaim {
  instance: string;
  epoch: number;
  node: TestNode;
}

/** A cluster's own records in Redis, to look at and to forge. */
export class Claims {
  readonly redis: Redis;
  readonly #cluster: Pick<TestCluster, 'name' | 'nodes'>;

  constructor(cluster: Pick<TestCluster, 'name' | 'nodes'>, url: string) {
    this.#cluster = cluster;
    this.redis = new Redis(url, { maxRetriesPerRequest: null });
    this.redis.on('error', () => undefined);
  }

  key(name: string): string {
    return `{${this.#cluster.name}}:cluster:${name}`;
  }

  inbox(instance: string): string {
    return `{${this.#cluster.name}}:inbox:${instance}`;
  }

  async of(address: Address): Promise<StandingClaim | undefined> {
    const text = await this.redis.hget(this.key('slots'), String(slotOf(address)));
    const [, instance, epoch] = /^(.*):(\d+)$/.exec(text ?? '') ?? [];
    const node = this.#cluster.nodes.find((n) => instance?.startsWith(`${n.id}-`));
    return instance !== undefined && node ? { instance, epoch: Number(epoch), node } : undefined;
  }

  /** The instance whose lease stands, of a node. */
  async instanceOf(node: TestNode): Promise<string | undefined> {
    const members = await this.redis.hkeys(this.key('members'));
    return members.find((instance) => instance.startsWith(`${node.id}-`));
  }

  close(): void {
    this.redis.disconnect();
  }
}

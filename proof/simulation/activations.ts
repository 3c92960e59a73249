import type { MemoryCluster } from '../../src/actors/cluster/memory/memory-cluster.js';
import type { Actor, ActorKind, Message } from '../../src/actors/runtime/actor.js';
import { addressText } from '../../src/actors/runtime/address.js';
import type { Recorder } from './recorder.js';
import type { SimNode } from './sim-node.js';

interface Living {
  node: SimNode;
  instance: string;
  epoch: number;
}

/** Records who acts for an address, from an actor's making until it has ended, was fenced, or could not be believed any more. */
export class Activations {
  readonly #recorder: Recorder;
  readonly #cluster: MemoryCluster;
  readonly #living = new Map<string, Set<Living>>();
  /** Instances whose lease Redis has lost. */
  readonly #lost = new Set<string>();

  constructor(recorder: Recorder, cluster: MemoryCluster) {
    this.#recorder = recorder;
    this.#cluster = cluster;
  }

  watch(kind: ActorKind, node: SimNode): ActorKind {
    return {
      ...kind,
      create: (context) => {
        const actor = kind.create(context) as Actor;
        const text = addressText(context.address);
        const living: Living = { node, instance: node.cluster.instance ?? 'none', epoch: context.epoch };
        this.#dropFenced(text);
        const all = this.#living.get(text) ?? new Set();
        this.#living.set(text, all.add(living));
        this.#tell(text, living, true);
        const end = (): void => this.#end(text, living);
        return {
          activate: async () => {
            try {
              await actor.activate?.();
            } catch (error) {
              end();
              throw error;
            }
          },
          receive: (message: Message) => actor.receive(message),
          deactivate: async (reason) => {
            try {
              await actor.deactivate?.(reason);
            } finally {
              end();
            }
          },
        };
      },
    };
  }

  /** Redis has lost its leases: whoever held one is fenced, though it does not know yet. */
  leasesLost(instances: readonly string[]): void {
    for (const instance of instances) this.#lost.add(instance);
    for (const text of this.#living.keys()) this.#dropFenced(text);
  }

  /** Those who may not act any more count as ended from now on, before anybody else begins. */
  #dropFenced(text: string): void {
    for (const living of this.#living.get(text) ?? []) {
      const { node, instance } = living;
      const [kind, key] = [text.slice(0, text.indexOf('/')), text.slice(text.indexOf('/') + 1)];
      const acts = !node.process.dead && node.cluster.instance === instance && node.cluster.catalog.has({ kind, key });
      // One that runs must have noticed by itself, ahead of time, that its lease ends.
      const couldSaySo = !node.process.paused && !this.#lost.has(instance);
      if (!acts || (!couldSaySo && !this.#cluster.alive(instance))) this.#end(text, living);
    }
  }

  #end(text: string, living: Living): void {
    const all = this.#living.get(text);
    if (!all?.delete(living)) return;
    if (all.size === 0) this.#living.delete(text);
    this.#tell(text, living, false);
  }

  #tell(address: string, { instance, epoch }: Living, on: boolean): void {
    this.#recorder.record({ kind: 'activation', address, instance, epoch, on });
  }
}

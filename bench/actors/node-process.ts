/** One node of a cluster with nothing but note-taking actors, on real Redis. */
import { ClusterNode } from '../../src/actors/cluster/node.js';
import { connectRedisBackbone } from '../../src/actors/cluster/redis/connect.js';
import type { Address } from '../../src/actors/runtime/actor.js';
import { systemClock } from '../../src/kernel/clock.js';
import { createLogger } from '../../src/kernel/logger.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import { contentBytes } from '../load/content.js';
import { answerCalls } from '../processes/calls.js';
import { type AskNote, noteKind } from './note-kind.js';
import { askPace, type Pace } from './pace.js';
import { lanes, type Note, Receiver } from './receiver.js';

export interface NodeOrder {
  redisUrl: string;
  prefix: string;
  nodeId: string;
}

const receiver = new Receiver();
let node: ClusterNode | undefined;

const start = async ({ redisUrl, prefix, nodeId }: NodeOrder): Promise<string> => {
  const clock = systemClock;
  const logger = createLogger({ level: 'warn', node: nodeId });
  const backbone = connectRedisBackbone({ url: redisUrl, prefix, clock, logger });
  // Redis loses nothing while the bench runs: no epoch has to be remembered elsewhere.
  const witness = { raise: (epoch: number) => Promise.resolve(epoch) };
  node = new ClusterNode({
    ...{ nodeId, url: `bench:${nodeId}`, kinds: [noteKind(receiver)], backbone, witness, clock, logger },
    telemetry: new Telemetry(),
  });
  await node.start();
  return node.instance!;
};

const living = (): ClusterNode => {
  if (!node) throw new Error('the node was not started');
  return node;
};

/** Addresses that the other node owns and serves, one a lane. */
const addressesAt = async (instance: string): Promise<Address[]> => {
  const cluster = living();
  const found: Address[] = [];
  for (let i = 0; found.length < lanes && i < lanes * 100; i++) {
    const address = { kind: 'note', key: `lane-${i}` };
    if (cluster.ownerOf(address) === instance) found.push(address);
  }
  if (found.length < lanes) throw new Error('the other node owns too little');
  return found;
};

/** Waits until this node sees both and half of the slots are the other's. */
const settled = async (instance: string): Promise<void> => {
  for (const until = performance.now() + 30_000; performance.now() < until; ) {
    const cluster = living();
    const owned = Array.from({ length: lanes * 4 }, (_, i) => cluster.ownerOf({ kind: 'note', key: `lane-${i}` }));
    if (cluster.ready().ok && owned.filter((owner) => owner === instance).length > lanes) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the two nodes do not come to share the slots');
};

const ask = async ({ instance, seconds }: { instance: string; seconds: number }): Promise<Pace> => {
  await settled(instance);
  const addresses = await addressesAt(instance);
  const notes = { ask: (note: Note) => living().system.ask<AskNote>(addresses[note.lane]!, note) };
  return askPace(notes, seconds, 'x'.repeat(contentBytes));
};

const found = (): { received: number; faults: number } => ({ received: receiver.received, faults: receiver.faults });

answerCalls({ start, ask, found });

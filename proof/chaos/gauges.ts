import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { endpointOf } from '../../scripts/services/endpoint.js';
import { queueNames, queuePrefix } from '../../src/workers/queues.js';
import { inboxes } from './faults/redis-faults.js';
import { prefix, type Site } from './site.js';

export interface Gauge {
  name: string;
  process: string;
  value: number;
  /** How far above the base line it may stay. */
  slack: number;
}

/** Figures of a node that must come back, with their slack. */
const nodeGauges: readonly { name: string; slack: number }[] = [
  { name: 'parley_actor_mailbox_messages', slack: 2 },
  { name: 'parley_gateway_shed_level', slack: 0 },
  // What the heap holds at a moment depends on the last collection; a leak of a run's whole traffic is far more.
  { name: 'nodejs_heap_size_used_bytes', slack: 300_000_000 },
];

/** What must come back to its base line, as it is now. */
export const readGauges = async (site: Site, redis: Redis): Promise<Gauge[]> => {
  const gauges: Gauge[] = [];
  let sockets = 0;
  for (const node of site.nodes) {
    const text = await node.metrics(5_000);
    for (const { name, slack } of nodeGauges) {
      const value = metric(text, name);
      if (value !== undefined) gauges.push({ name, process: node.id, value, slack });
    }
    sockets += metric(text, 'parley_gateway_sockets') ?? 0;
  }
  gauges.push({ name: 'parley_gateway_sockets', process: 'all nodes', value: sockets, slack: 0 });
  const streams = await inboxes(redis);
  gauges.push({ name: 'inbox streams', process: 'redis', value: streams.length, slack: 0 });
  const lengths = await Promise.all(streams.map((stream) => redis.xlen(stream)));
  // A reader trims behind itself every so often, so some entries always lie there.
  gauges.push({
    name: 'inbox entries',
    process: 'redis',
    value: lengths.reduce((sum, length) => sum + length, 0),
    slack: 600 * site.nodes.length,
  });
  const connection = { ...endpointOf(site.redisUrl), maxRetriesPerRequest: null };
  for (const name of queueNames) {
    const queue = new Queue(name, { connection, prefix: queuePrefix(prefix) });
    queue.on('error', () => undefined);
    gauges.push({
      name: `jobs of ${name}`,
      process: 'redis',
      value: await queue.getJobCountByTypes('waiting', 'active', 'prioritized'),
      slack: 4,
    });
    await queue.close();
  }
  return gauges;
};

/** The sum over all labels. */
const metric = (text: string, name: string): number | undefined => {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.length === 0 ? undefined : lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
};

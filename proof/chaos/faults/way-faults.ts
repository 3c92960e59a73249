import type { FaultProxy } from '../proxy.js';
import type { Fault, FaultContext } from './fault.js';

/** A black hole that also takes new connections and answers nothing. */
const partition =
  (ways: (context: FaultContext) => FaultProxy[]): Fault =>
  async (context) => {
    const cut = ways(context);
    for (const way of cut) way.halfOpen('both');
    try {
      await context.sleep(10_000);
    } finally {
      for (const way of cut) way.clear();
    }
  };

export const partitionRedis = partition(({ node }) => [node.redis]);
export const partitionMongodb = partition(({ node }) => [node.mongodb]);
export const partitionBoth = partition(({ node }) => [node.redis, node.mongodb]);

const allWays = ({ site }: FaultContext): FaultProxy[] => site.nodes.flatMap(({ redis, mongodb }) => [redis, mongodb]);

export const latency: Fault = async (context) => {
  const ways = allWays(context);
  for (const way of ways) way.latency(25, 50);
  try {
    await context.sleep(8_000);
  } finally {
    for (const way of ways) way.clear();
  }
};

export const halfOpen: Fault = async ({ node, sleep }) => {
  const ways = [node.redis, node.mongodb];
  for (const way of ways) way.halfOpen('replies');
  try {
    await sleep(9_000);
  } finally {
    for (const way of ways) way.clear();
  }
};

/** Again and again, to whatever is open at that moment. */
const repeated =
  (ways: (context: FaultContext) => FaultProxy[], times: number, everyMs: number, harm: (way: FaultProxy) => void): Fault =>
  async (context) => {
    const harmed = ways(context);
    try {
      for (let i = 0; i < times; i++) {
        for (const way of harmed) harm(way);
        await context.sleep(everyMs);
      }
    } finally {
      for (const way of harmed) way.clear();
    }
  };

export const resetConnections = repeated(allWays, 5, 1_000, (way) => way.reset());
export const cutMidFrame = repeated(allWays, 5, 1_000, (way) => way.cutMidFrame('both'));
export const dropRedisReplies = repeated(
  ({ site }) => site.nodes.map(({ redis }) => redis),
  10,
  500,
  (way) => way.dropReplies(),
);
export const dropMongodbReplies = repeated(
  ({ site }) => site.nodes.map(({ mongodb }) => mongodb),
  10,
  500,
  (way) => way.dropReplies(),
);

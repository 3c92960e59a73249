import { leaseMs } from '../site.js';
import type { Fault } from './fault.js';

export const killNode: Fault = async ({ node, sleep, nodeOff }) => {
  node.kill();
  await node.process.exited;
  nodeOff(node);
  await sleep(3_000);
  await node.start();
};

export const pauseNode: Fault = async ({ node, sleep, nodeOff }) => {
  node.pause();
  try {
    await sleep(leaseMs);
    nodeOff(node);
    await sleep(3_000);
  } finally {
    node.thaw();
  }
};

export const rollingRestart: Fault = async ({ site, nodeOff }) => {
  for (const node of site.nodes) {
    await node.drain();
    nodeOff(node);
    await node.start();
  }
};

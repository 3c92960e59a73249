import { leaseOf } from '../../../src/actors/cluster/membership.js';
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
  const { renewMs } = leaseOf(leaseMs);
  node.pause();
  try {
    // It may have been about to renew its lease: others can have its slots so soon.
    await sleep(leaseMs - renewMs);
    nodeOff(node);
    await sleep(3_000 + renewMs);
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

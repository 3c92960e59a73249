import { activeThreads } from '../growth/active-threads.js';
import { connections } from '../growth/connections.js';
import { ledgers } from '../growth/ledgers.js';
import { longHistories } from '../growth/long-histories.js';
import { nodeCounts } from '../growth/node-counts.js';
import { replay } from '../growth/replay.js';
import { activation } from '../workloads/activation.js';
import { actors } from '../workloads/actors.js';
import { crossNode } from '../workloads/cross-node.js';
import { fanOut } from '../workloads/fan-out.js';
import { idleSockets } from '../workloads/idle-sockets.js';
import { overloaded } from '../workloads/overload.js';
import { resume } from '../workloads/resume.js';
import { roomSizes } from '../workloads/room-sizes.js';
import { storedLatency } from '../workloads/stored-latency.js';
import { storedThroughput } from '../workloads/stored-throughput.js';
import type { Workload } from './workload.js';

/** Ourselves beside peers, in the order in which they are played. */
export const workloads: readonly Workload[] = [
  fanOut,
  storedThroughput,
  storedLatency,
  crossNode,
  actors,
  activation,
  idleSockets,
  roomSizes,
  resume,
  overloaded,
];

/** Ourselves alone, as work grows. Rooms of growing sizes are among the others. */
export const growth: readonly Workload[] = [activeThreads, longHistories, nodeCounts, connections, replay, ledgers];

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

/** The suite, in the order in which it is played. */
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

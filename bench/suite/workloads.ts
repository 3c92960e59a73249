import { fanOut } from '../workloads/fan-out.js';
import { idleSockets } from '../workloads/idle-sockets.js';
import { roomSizes } from '../workloads/room-sizes.js';
import { storedLatency } from '../workloads/stored-latency.js';
import { storedThroughput } from '../workloads/stored-throughput.js';
import type { Workload } from './workload.js';

/** The suite, in the order in which it is played. */
export const workloads: readonly Workload[] = [fanOut, storedThroughput, storedLatency, idleSockets, roomSizes];

import type { FaultName } from '../fault-names.js';
import { overload, reconnectStorm, slowReaders, stalledReaders } from './client-faults.js';
import type { Fault } from './fault.js';
import { killMongodb, stopMongodb } from './mongodb-faults.js';
import { killNode, pauseNode, rollingRestart } from './node-faults.js';
import { poisonJobs, poisonMessages } from './poison-faults.js';
import { contestSlots, emptyRedis, fillDisk, fillRedis, flushRedis, killRedis, rollBackRedis, trimStreams } from './redis-faults.js';
import {
  cutMidFrame,
  dropMongodbReplies,
  dropRedisReplies,
  halfOpen,
  latency,
  partitionBoth,
  partitionMongodb,
  partitionRedis,
  resetConnections,
} from './way-faults.js';

export const faults: Readonly<Record<FaultName, Fault>> = {
  'node-killed': killNode,
  'slots-contested': contestSlots,
  'node-paused': pauseNode,
  'rolling-restart': rollingRestart,
  'redis-killed': killRedis,
  'redis-emptied': emptyRedis,
  'redis-flushed': flushRedis,
  'redis-rolled-back': rollBackRedis,
  'redis-full': fillRedis,
  'redis-disk-full': fillDisk,
  'mongodb-stopped': stopMongodb,
  'mongodb-killed': killMongodb,
  'partition-redis': partitionRedis,
  'partition-mongodb': partitionMongodb,
  'partition-both': partitionBoth,
  latency,
  'half-open': halfOpen,
  'connections-reset': resetConnections,
  'cut-mid-frame': cutMidFrame,
  'redis-reply-dropped': dropRedisReplies,
  'mongodb-reply-dropped': dropMongodbReplies,
  'slow-readers': slowReaders,
  'stalled-readers': stalledReaders,
  'poison-messages': poisonMessages,
  'poison-jobs': poisonJobs,
  overload,
  'reconnect-storm': reconnectStorm,
  'streams-trimmed': trimStreams,
};

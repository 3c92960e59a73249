/**
 * Every fault of a run. `seconds`: about how long it lasts. `away`: what no node can use meanwhile; silence and recovery then
 * count from its return, because nothing can be acknowledged before.
 */
export interface FaultKind {
  what: string;
  seconds: number;
  away?: 'mongodb' | 'redis';
  /** It befalls one node; any other befalls a service, or all of them. */
  oneNode?: true;
  /** Not in runs too short for it, unless it is asked for by name. */
  long?: true;
}

const kinds = {
  'node-killed': { what: 'kill -9 of a node, started again after 3 s', seconds: 5, oneNode: true },
  'slots-contested': {
    what: 'a node that Redis forgets and cannot be heard from goes on serving while the others claim its slots: two nodes believe in the same thread',
    seconds: 8,
    oneNode: true,
  },
  'node-paused': { what: 'SIGSTOP of a node past its lease, then SIGCONT', seconds: 8, oneNode: true },
  'rolling-restart': { what: 'SIGTERM of every node, one after the other', seconds: 20 },
  'redis-killed': { what: 'kill -9 of Redis, started again with its data', seconds: 2 },
  'redis-emptied': { what: 'kill -9 of Redis, started again without its data', seconds: 2 },
  'redis-flushed': { what: 'FLUSHALL', seconds: 1 },
  'redis-rolled-back': {
    what: 'a node dies, its slots move, then the slot table, leases and epoch of before come back and the inboxes are gone, as after a fail-over to a copy that lagged',
    seconds: 11,
    oneNode: true,
  },
  'redis-full': { what: 'Redis refuses every write for want of memory', seconds: 4, away: 'redis' },
  'redis-disk-full': { what: 'the disk under Redis is full', seconds: 5, away: 'redis' },
  'mongodb-stopped': { what: 'MongoDB hangs for 30 s (SIGSTOP)', seconds: 30, away: 'mongodb', long: true },
  'mongodb-killed': { what: 'kill -9 of MongoDB, started again after 5 s', seconds: 8, away: 'mongodb' },
  'partition-redis': { what: 'one node cannot reach Redis', seconds: 10, oneNode: true },
  'partition-mongodb': { what: 'one node cannot reach MongoDB', seconds: 10, oneNode: true },
  'partition-both': { what: 'one node can reach neither Redis nor MongoDB', seconds: 10, oneNode: true },
  latency: { what: 'Redis and MongoDB answer 50 to 150 ms late, for all nodes', seconds: 8 },
  'half-open': { what: 'one node’s requests reach Redis and MongoDB, no reply comes back', seconds: 9, oneNode: true },
  'connections-reset': { what: 'all connections to Redis and MongoDB are reset, once a second', seconds: 5 },
  'cut-mid-frame': { what: 'all connections to Redis and MongoDB are reset in the middle of a frame, once a second', seconds: 5 },
  'redis-reply-dropped': { what: 'requests reach Redis, their replies are dropped with the connection, twice a second', seconds: 5 },
  'mongodb-reply-dropped': { what: 'requests reach MongoDB, their replies are dropped with the connection, twice a second', seconds: 5 },
  'slow-readers': { what: 'sockets that subscribe and hardly read', seconds: 25 },
  'stalled-readers': { what: 'sockets that subscribe and never read', seconds: 28 },
  'poison-messages': { what: 'hostile frames on sockets and garbage in the nodes’ inboxes', seconds: 4 },
  'poison-jobs': { what: 'garbage jobs in the queues', seconds: 4 },
  overload: {
    what: 'bursts of sends and floods of joins, reads, searches and typing, twice as many each time, and one node held for an ever larger share of the time, until a node refuses work',
    seconds: 10,
    oneNode: true,
  },
  'reconnect-storm': { what: '5,000 sockets come, drop at once and come back at once', seconds: 25 },
  'streams-trimmed': { what: 'XTRIM MAXLEN 0 of every inbox, ten times a second', seconds: 4 },
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof kinds;
export const faultKinds: Readonly<Record<FaultName, FaultKind>> = kinds;
export const faultNames = Object.keys(kinds) as FaultName[];
export const isFaultName = (name: string): name is FaultName => Object.hasOwn(kinds, name);

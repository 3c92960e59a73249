/** Which bare Socket.IO a workload compares with. */
export interface PeerOptions {
  adapter: 'none' | 'plain' | 'sharded' | 'streams';
  /** `insertOne`: each message is stored before it is emitted and acknowledged. `insertMany`: what came in a tick, together. */
  store: 'none' | 'insertOne' | 'insertMany';
}

export interface PeerStart extends PeerOptions {
  redisUrl: string;
  mongoUrl: string;
  database: string;
}

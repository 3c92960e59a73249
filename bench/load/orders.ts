/** What a load process is asked to do. Sockets are named by their place in the process, in the order in which they were connected. */
export interface ConnectOrder {
  clients: [token: string, port: number][];
  /** Ask for packed events. */
  pack: boolean;
  /** Handshakes under way at once. */
  wave: number;
}

export interface JoinOrder {
  event: 'join_thread' | 'join_community';
  /** Socket and id; for a thread its events are then checked. */
  joins: [socket: number, id: string][];
  /** Latencies of these threads are kept under this name. */
  label: string;
  wave: number;
}

/** A thread and those who send into it, in turn. */
export interface Line {
  thread: string;
  senders: number[];
}

export interface OpenLoopOrder {
  /** Each tick is the next line's. */
  lines: Line[];
  ticksPerSecond: number;
  /** Messages a tick, of as many senders. */
  burst: number;
  /** The burst goes as one request (a peer that publishes many at once). */
  asOne: boolean;
  seconds: number;
}

export interface ClosedLoopOrder {
  /** Each sends again when its last message was acknowledged. */
  publishers: [socket: number, thread: string][];
  seconds: number;
}

/** Messages each at its time, whoever their senders are. */
export interface ReplayOrder {
  messages: {
    /** From the beginning. */
    afterUs: number;
    sender: number;
    thread: string;
    content: string;
  }[];
}

export interface LoadReport {
  delivered: number;
  acknowledged: number;
  /** By thread: number of acknowledged messages. */
  acknowledgedIn: [thread: string, count: number][];
  /** By thread: receivers of this process, and the deliveries that they had. */
  receivedIn: [thread: string, receivers: number, deliveries: number][];
  refused: Record<string, number>;
  /** Requests without any answer. */
  unanswered: number;
  holes: number;
  duplicates: number;
  reordered: number;
  resyncs: number;
  packed: number;
  lost: number;
  lostWhy: string;
  bytes: number;
  /** Encoded histograms by label: intended time to each delivery, to the last delivery of this process's receivers, to the acknowledgement. */
  latencies: { label: string; each: string; last: string }[];
  acknowledgement: string;
}

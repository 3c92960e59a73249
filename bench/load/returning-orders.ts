/** What a process of returning members is asked to do. */
export interface EnterOrder {
  /** Where they are first, and where they come back to. */
  ports: { first: number; then: number };
  members: { token: string; thread: string }[];
  /** `rev`: they ask for what came after the last rev. `offset`: Socket.IO's connection state recovery. */
  by: 'rev' | 'offset';
  /** Everybody waits anything up to so many ms before coming back. */
  jitterMs: number;
  /** Handshakes under way at once, for the first time only. */
  wave: number;
}

export interface Whereabouts {
  /** Those who were sent off and are level again. */
  back: number;
  /** When the last of them was, on the clock of all processes. */
  lastBackUs: number;
  /** Those whom the server knew again by their offset. */
  recovered: number;
}

export interface LostOrder {
  /** By thread: number of messages that were acknowledged. */
  acknowledgedIn: [thread: string, count: number][];
}

export interface LostReport {
  /** Messages that members should have and do not have, one for each of both. */
  lost: number;
  duplicates: number;
  reordered: number;
}

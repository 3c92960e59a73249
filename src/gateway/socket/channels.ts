/**
 * Publish and subscribe as the fan-out needs it. The three methods with an s have the names by which the sharded adapter of
 * Socket.IO calls its client.
 */
export interface Channels {
  /** Never throws; takes effect later, and again after each loss of the connection. */
  sSubscribe(channel: string, handler: ChannelHandler): void;
  sUnsubscribe(channel: string): void;
  /**
   * Sent in the order of the calls, or lost. Answers at once: local delivery must not wait for a round trip, nor for a
   * connection that is away.
   */
  sPublish(channel: string, payload: string | Uint8Array): Promise<number>;
  /** Whether the channel is subscribed to, once it is; false after `ms`, or when there is no such subscription (any more). */
  effective(channel: string, ms: number): Promise<boolean>;
  /** After a loss of the connection, when every subscription is in effect again: what was published meanwhile is lost. */
  onRestored(listener: () => void): void;
  readonly connected: boolean;
}

export type ChannelHandler = (message: Buffer, channel: Buffer) => void;

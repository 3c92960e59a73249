import { createShardedAdapter } from '@socket.io/redis-adapter';
import type { Namespace } from 'socket.io';
import type { Channels } from './channels.js';

export interface RoomAdapterHooks {
  /** Each event that goes to this node's sockets, wherever it was published; once, before it is written. */
  passing(event: string, payload: unknown): void;
  roomMade(room: string): void;
  roomEmptied(room: string): void;
  failed(error: unknown): void;
}

/** The parts of Socket.IO's adapter that are reached into; tests/unit/gateway-socket/hub.test.ts holds them in place. */
interface Inside {
  _encode(packet: { data?: unknown }, options: object): unknown;
  broadcast(packet: unknown, options: unknown): Promise<void> | void;
  on(event: 'create-room' | 'delete-room', listener: (room: string) => void): unknown;
}

const mainChannel = (prefix: string): string => `${prefix}#/#`;

/** The channel that a node must be subscribed to for a room's events, and the one for what goes to all nodes. */
export const roomChannel = (prefix: string, room: string): string => `${mainChannel(prefix)}${room}#`;
export const nodesChannel = mainChannel;

/**
 * The sharded Redis adapter: a node subscribes to a room's channel while it has sockets in that room. Room names must not be
 * 20 characters long (those are taken for socket ids, and are not subscribed to).
 */
export const roomAdapter = (channels: Channels, prefix: string, hooks: RoomAdapterHooks) => {
  const create = createShardedAdapter(channels, channels, { channelPrefix: prefix, subscriptionMode: 'dynamic' });
  // Not an arrow: Socket.IO calls it with `new`.
  return function RoomAdapter(namespace: Namespace) {
    const adapter = create(namespace);
    const inside = adapter as unknown as Inside;
    const encode = inside._encode.bind(adapter);
    const broadcast = inside.broadcast.bind(adapter);
    inside._encode = (packet, options) => {
      try {
        if (Array.isArray(packet.data)) hooks.passing(String(packet.data[0]), packet.data[1]);
      } catch (error) {
        hooks.failed(error);
      }
      return encode(packet, options);
    };
    // Its promise is dropped by the caller; a failure must not end the process.
    inside.broadcast = async (packet, options) => {
      try {
        await broadcast(packet, options);
      } catch (error) {
        hooks.failed(error);
      }
    };
    inside.on('create-room', (room) => hooks.roomMade(room));
    inside.on('delete-room', (room) => hooks.roomEmptied(room));
    return adapter;
  };
};

import { createShardedAdapter } from '@socket.io/redis-adapter';
import type { Namespace } from 'socket.io';
import type { Channels } from './channels.js';
import type { ReadingSocket } from './slow-readers.js';

export interface RoomAdapterHooks {
  /** Each event that goes to this node's sockets, wherever it was published; once, before it is written. */
  passing(event: string, payload: unknown): void;
  /** Whether it is written to this one of them. */
  admits(socket: ReadingSocket, event: string, payload: unknown, room: string): boolean;
  /** It was. */
  wrote(socket: ReadingSocket): void;
  roomMade(room: string): void;
  roomEmptied(room: string): void;
  failed(error: unknown): void;
}

/** The parts of Socket.IO's adapter that are reached into; tests/unit/gateway-socket/hub.test.ts holds them in place. */
interface Inside {
  _encode(packet: { data?: unknown }, options: object): unknown;
  broadcast(packet: unknown, options: unknown): Promise<void> | void;
  apply(options: { rooms: ReadonlySet<string> }, callback: (socket: ReadingSocket) => void): void;
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
    const apply = inside.apply.bind(adapter);
    // Encoding and writing happen in one go, so what `apply` writes is what was encoded last; it also serves other purposes.
    let passing: { event: string; payload: unknown } | undefined;
    inside._encode = (packet, options) => {
      try {
        passing = Array.isArray(packet.data) ? { event: String(packet.data[0]), payload: packet.data[1] } : undefined;
        if (passing) hooks.passing(passing.event, passing.payload);
      } catch (error) {
        hooks.failed(error);
      }
      return encode(packet, options);
    };
    inside.apply = (options, callback) => {
      const now = passing;
      passing = undefined;
      if (!now) return apply(options, callback);
      const room = firstOf(options.rooms);
      apply(options, (socket) => {
        if (!hooks.admits(socket, now.event, now.payload, room)) return;
        callback(socket);
        hooks.wrote(socket);
      });
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

/** Events are published to one room each; to none means to everybody. */
const firstOf = (rooms: ReadonlySet<string>): string => {
  for (const room of rooms) return room;
  return '';
};

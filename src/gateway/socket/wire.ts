import type { Server, Socket } from 'socket.io';
import type { ServerToClient } from '../../protocol/events.js';
import type { Announcement } from './announcements.js';
import type { Subscriber } from './subscriber.js';

/** Whatever a client sends is looked at in one place, by its name. */
type ClientToServer = Record<string, (...args: unknown[]) => void>;
/** Socket.IO's types, filled in. */
export interface NodeToNode {
  announce: (announcements: Announcement[]) => void;
}
export interface SocketData {
  caller?: import('../../catalogue/caller.js').Caller;
  subscriber?: Subscriber;
  /** The client takes several events in one packet. */
  packs?: boolean;
  /** The client speaks plain JSON. */
  isPlain?: boolean;
}
export type ParleyServer = Server<ClientToServer, ServerToClient, NodeToNode, SocketData>;
export type ParleySocket = Socket<ClientToServer, ServerToClient, NodeToNode, SocketData>;

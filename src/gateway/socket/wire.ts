import type { Server, Socket } from 'socket.io';
import type { ClientToServer, ServerToClient } from '../../protocol/events.js';
import type { Announcement } from './announcements.js';
import type { Subscriber } from './subscriber.js';

/** Socket.IO's types, filled in. */
export interface NodeToNode {
  announce: (announcements: Announcement[]) => void;
}
export interface SocketData {
  caller?: import('../../catalogue/caller.js').Caller;
  subscriber?: Subscriber;
  /** The client takes several events in one packet. */
  packs?: boolean;
}
export type ParleyServer = Server<ClientToServer, ServerToClient, NodeToNode, SocketData>;
export type ParleySocket = Socket<ClientToServer, ServerToClient, NodeToNode, SocketData>;

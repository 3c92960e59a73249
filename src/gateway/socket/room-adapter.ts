import type { Namespace } from 'socket.io';
import { Adapter } from 'socket.io-adapter';
import type { Clock } from '../../kernel/clock.js';
import { randomToken } from '../../kernel/ids.js';
import { communityIn, isLedgerRoom } from '../../protocol/rooms.js';
import { AudienceDelivery, type AudiencePort } from './audience-delivery.js';
import type { Audiences } from './audiences.js';
import type { Channels } from './channels.js';
import { Frames } from './frames.js';
import { type Outlet, writeFrames } from './outlet.js';
import type { RoomAct } from './room-act.js';
import { mostTogether, RoomDelivery } from './room-delivery.js';
import { decodeMail, decodeWord, encodeMail, encodeWord, type RoomChange, type RoomEvent, type RoomMail } from './room-mail.js';
import { RoomQueue } from './room-queue.js';
import type { ReadingSocket } from './slow-readers.js';
import type { Subscriber } from './subscriber.js';

export interface RoomAdapterHooks {
  /** Each event that goes to this node's sockets, wherever it was published; once, before it is written. */
  passing(event: RoomEvent): void;
  /** What change an event carries. May throw; such an event is not published. */
  changeOf(event: string, payload: unknown): RoomChange | undefined;
  /** Nothing has to be withheld from this socket. */
  prompt(socket: ReadingSocket): boolean;
  /** Whether an event may be written to one that is not prompt. */
  admits(socket: ReadingSocket, event: RoomEvent, room: string): boolean;
  /** Something was written and waits now. */
  wrote(socket: ReadingSocket): void;
  /** What another node says at its place among a room's events. */
  told(word: object): void;
  /** An event of a thread came to its community's room that not everybody there may hear. */
  audience(threadId: string, communityId: string): void;
  roomMade(room: string): void;
  roomEmptied(room: string): void;
  failed(error: unknown): void;
}

export interface RoomAdapterOptions {
  channels: Channels;
  clock: Clock;
  /** Begins every channel's name; the same on all nodes of an installation. */
  prefix: string;
  hooks: RoomAdapterHooks;
  audiences: Pick<Audiences, 'may' | 'learn'>;
  /** Write past the libraries where that is safe. */
  direct: boolean;
}

const mainChannel = (prefix: string): string => `${prefix}#/#`;

/** The channel that a node must be subscribed to for a room's events, and the one for what goes to all nodes. */
export const roomChannel = (prefix: string, room: string): string => `${mainChannel(prefix)}${room}#`;
export const nodesChannel = mainChannel;

/** Each socket is alone in a room named by its id, of 20 characters; nothing is published there. */
const isSocketId = (room: string): boolean => room.length === 20;

type Socket = ReadingSocket & Outlet & { readonly data: { readonly subscriber?: Subscriber | undefined } };
/** Of Socket.IO's packets and options what is looked at. */
interface Packet {
  readonly data?: unknown;
}
interface BroadcastOptions {
  readonly rooms: ReadonlySet<string>;
  readonly except?: ReadonlySet<string>;
  readonly flags?: { readonly local?: boolean };
}
interface Outgoing extends RoomMail {
  readonly events: RoomEvent[];
  readonly local: boolean;
}

/**
 * Rooms over all nodes. A node is subscribed to a room's channel while it has sockets in that room. What is published
 * to a room in one turn of the event loop goes together: encoded once, one publication for all other nodes, one write a
 * socket. Order within a room is the order of the calls. Publications may be lost; who missed something learns of it by
 * rev.
 */
export const roomAdapter = (options: RoomAdapterOptions) =>
  class RoomAdapter extends Adapter {
    readonly #self = randomToken(9);
    readonly #queue = new RoomQueue<RoomDelivery | RoomAct>({ clock: options.clock, membersOf: (room) => this.rooms.get(room)?.size ?? 0 });
    readonly #port: AudiencePort = {
      members: (room) => this.rooms.get(room),
      write: (id, events, frames, room) => this.#write(id, events, frames, room),
      memberOf: (id) => (this.nsp.sockets.get(id) as unknown as Socket | undefined)?.data.subscriber?.caller.member_id,
      audiences: options.audiences,
    };
    #pending = new Map<string, Outgoing[]>();
    #isScheduled = false;

    constructor(namespace: Namespace) {
      super(namespace);
      const { channels, prefix, hooks } = options;
      channels.sSubscribe(nodesChannel(prefix), (message) => this.#announced(message));
      this.on('create-room', (room: string) => {
        if (!isSocketId(room)) channels.sSubscribe(roomChannel(prefix, room), (message) => this.#received(room, message));
        hooks.roomMade(room);
      });
      this.on('delete-room', (room: string) => {
        if (!isSocketId(room)) channels.sUnsubscribe(roomChannel(prefix, room));
        hooks.roomEmptied(room);
      });
    }

    #eventOf(data: [name: string, payload: unknown]): RoomEvent {
      return { name: data[0], text: JSON.stringify(data), change: options.hooks.changeOf(...data) };
    }

    /** To one room, or to several one after the other; to none reaches nobody. */
    override broadcast(packet: Packet, { rooms, except, flags }: BroadcastOptions): void {
      try {
        const event = this.#eventOf(packet.data as [string, unknown]);
        for (const room of rooms) this.#publish(room, event, firstOf(except), flags?.local === true);
      } catch (error) {
        options.hooks.failed(error);
      }
    }

    /** To those in a room of a community who may view a thread. */
    publishTo(audience: string, room: string, data: [name: string, payload: unknown], except: string | undefined): void {
      this.#publish(room, this.#eventOf(data), except, false, audience);
    }

    /** To other nodes that have sockets in a room, at this place among its events. */
    tell(room: string, word: object): void {
      this.#send();
      void options.channels.sPublish(roomChannel(options.prefix, room), encodeWord(this.#self, word));
    }

    /** To one socket what has come to a room before it was known whether it may hear it. */
    give(id: string, room: string, events: readonly RoomEvent[]): void {
      this.#write(id, events, new Frames(events), room);
    }

    /** Is done at this place among the events that this node gives to a room. Nothing where nobody is in it. */
    act(room: string, act: RoomAct): void {
      this.#send();
      if (this.rooms.has(room)) this.#queue.push(room, act);
      this.#soon();
    }

    /** To the other nodes. */
    override serverSideEmit(packet: unknown[]): void {
      void options.channels.sPublish(nodesChannel(options.prefix), JSON.stringify({ from: this.#self, packet }));
    }

    /** Publishes now what waits for the end of the turn: what other nodes are told next stands behind it. */
    flush(): void {
      this.#send();
    }

    /**
     * Gives this node's sockets in these rooms, or in all, now what has been published and is still being given out.
     */
    settle(rooms?: Iterable<string>): void {
      this.#queue.flush(rooms);
    }

    override close(): void {
      const { channels, prefix } = options;
      channels.sUnsubscribe(nodesChannel(prefix));
      for (const room of this.rooms.keys()) if (!isSocketId(room)) channels.sUnsubscribe(roomChannel(prefix, room));
    }

    #publish(room: string, event: RoomEvent, except: string | undefined, local: boolean, audience?: string): void {
      const outgoing = this.#pending.get(room) ?? [];
      if (outgoing.length === 0) this.#pending.set(room, outgoing);
      const last = outgoing.at(-1);
      const isSame = last && last.except === except && last.local === local && last.audience === audience;
      if (isSame && last.events.length < mostTogether) last.events.push(event);
      else outgoing.push({ events: [event], except, local, audience });
      this.#soon();
    }

    #soon(): void {
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => {
        this.#isScheduled = false;
        this.#send();
        this.#queue.run();
      });
    }

    #send(): void {
      const pending = this.#pending;
      if (pending.size === 0) return;
      this.#pending = new Map();
      const { channels, prefix } = options;
      for (const [room, outgoing] of pending) {
        for (const mail of outgoing) {
          if (!mail.local) void channels.sPublish(roomChannel(prefix, room), encodeMail(this.#self, mail));
          this.#deliver(room, mail);
        }
      }
    }

    #received(room: string, message: Buffer): void {
      const text = message.toString();
      const mail = decodeMail(this.#self, text);
      if (!mail) {
        const word = decodeWord(this.#self, text);
        if (word) options.hooks.told(word);
        return;
      }
      this.#deliver(room, mail);
      this.#queue.run();
    }

    #announced(message: Buffer): void {
      const { from, packet } = JSON.parse(message.toString()) as { from?: unknown; packet?: unknown };
      if (from === this.#self || !Array.isArray(packet)) return;
      (this.nsp as unknown as { _onServerSideEmit(packet: unknown[]): void })._onServerSideEmit(packet);
    }

    #deliver(room: string, mail: RoomMail): void {
      if (!this.rooms.has(room)) return;
      for (const event of mail.events) options.hooks.passing(event);
      this.#queue.push(room, this.#deliveryOf(room, mail));
    }

    #deliveryOf(room: string, mail: RoomMail): RoomDelivery {
      const { audience } = mail;
      if (audience === undefined) return new RoomDelivery(this.#port, room, mail);
      const communityId = isLedgerRoom(room) ? this.#communityOf(room) : communityIn(room);
      options.hooks.audience(audience, communityId);
      return new AudienceDelivery(this.#port, room, { ...mail, audience }, communityId);
    }

    /** As those who are in it have entered it. */
    #communityOf(room: string): string {
      for (const id of this.rooms.get(room) ?? []) {
        const community = (this.nsp.sockets.get(id) as unknown as Socket | undefined)?.data.subscriber?.communityOf(room);
        if (community !== undefined) return community;
      }
      return '';
    }

    #write(id: string, events: readonly RoomEvent[], frames: Frames, room: string): void {
      const socket = this.nsp.sockets.get(id) as unknown as Socket | undefined;
      if (!socket || socket.data.subscriber?.keeps(room, events)) return;
      const { hooks, direct } = options;
      try {
        if (hooks.prompt(socket)) {
          if (writeFrames(socket, frames, { direct })) hooks.wrote(socket);
          return;
        }
        const admitted = events.filter((event) => hooks.admits(socket, event, room));
        if (admitted.length === 0) return;
        writeFrames(socket, admitted.length === events.length ? frames : new Frames(admitted), { direct });
        hooks.wrote(socket);
      } catch (error) {
        hooks.failed(error);
      }
    }
  };

const firstOf = (rooms: ReadonlySet<string> | undefined): string | undefined => {
  for (const room of rooms ?? []) return room;
  return undefined;
};

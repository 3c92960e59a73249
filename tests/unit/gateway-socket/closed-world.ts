import type { ActorSystem, Address } from '../../../src/actors/runtime/actor.js';
import type { Caller } from '../../../src/catalogue/caller.js';
import type { AskAudience } from '../../../src/gateway/socket/audiences.js';
import { Hub } from '../../../src/gateway/socket/hub.js';
import { LedgerRechecks } from '../../../src/gateway/socket/ledger-rechecks.js';
import { Rechecks } from '../../../src/gateway/socket/rechecks.js';
import { Removals } from '../../../src/gateway/socket/removals.js';
import type { RoomEvent } from '../../../src/gateway/socket/room-mail.js';
import { Roster } from '../../../src/gateway/socket/roster.js';
import { Subscriber } from '../../../src/gateway/socket/subscriber.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { idFromName } from '../../../src/kernel/ids.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { communityRoom, threadRoom } from '../../../src/protocol/rooms.js';
import { anAccess } from '../../access.js';
import { LoopBus, type LoopChannels } from './loop-channels.js';

/**
 * Two nodes without Redis, with sockets that write down what they hear, and a closed thread whose owner answers as the
 * test says.
 */

export const community = idFromName('community', 'c');
export const thread = idFromName('thread', 't');

export class Person {
  readonly heard: string[] = [];
  isConnected = true;
  readonly subscriber: Subscriber;

  constructor(
    readonly node: ClosedNode,
    readonly id: string,
    readonly member: string,
  ) {
    const { adapter, sockets } = node.hub.io.of('/');
    const note = (data: [string, Record<string, unknown>]): void => void this.heard.push(spoken(data));
    const conn = {
      ...{ readyState: 'open', writeBuffer: [], transport: { name: 'polling' } },
      write: (packet: string) => note(JSON.parse(packet.slice(1)) as never),
      close: () => {
        this.isConnected = false;
      },
    };
    const emit = (name: string, payload: Record<string, unknown>): void => note([name, payload]);
    const socket = { id, conn, emit, data: {} as { subscriber?: Subscriber }, rooms: new Set<string>() };
    sockets.set(id, socket as never);
    const join = (room: string): void => {
      socket.rooms.add(room);
      void adapter.addAll(id, new Set([room]));
    };
    const leave = (room: string): void => {
      socket.rooms.delete(room);
      void adapter.del(id, room);
    };
    const give = (room: string, events: readonly RoomEvent[]): void => node.hub.give(id, room, events);
    this.subscriber = new Subscriber({ id, join, leave, give }, { member_id: member, session_id: id } as Caller);
    socket.data.subscriber = this.subscriber;
    node.roster.add(this.subscriber);
  }

  join(...rooms: string[]): this {
    for (const room of rooms) this.subscriber.enter(room, community).grant();
    return this;
  }

  get isInThread(): boolean {
    return this.subscriber.isIn(threadRoom(thread));
  }
}

const spoken = ([name, payload]: [string, Record<string, unknown>]): string => {
  const { thread: of, message } = payload as { thread?: { title: string }; message?: { content: string } };
  const what = of?.title ?? message?.content;
  return what === undefined ? name : `${name} ${what}`;
};

export interface ClosedNode {
  hub: Hub;
  channels: LoopChannels;
  roster: Roster;
  rechecks: Rechecks;
  ledgerRechecks: LedgerRechecks;
}

export class ClosedWorld {
  readonly bus = new LoopBus();
  readonly clock = new FakeClock();
  readonly nodes: ClosedNode[] = [];
  /** Who may view the thread. */
  readonly viewers = new Set<string>();
  /** Who belongs to the community. */
  readonly belonging = new Set<string>();
  /** Who holds every permission there. */
  readonly holders = new Set<string>();
  rev = 1;
  /** What was asked of the thread's owner. */
  readonly asked: string[][] = [];
  /** Set to stand before its answer. */
  before: (() => Promise<unknown>) | undefined;
  #people = 0;
  readonly #held: (() => void)[] = [];

  async open(): Promise<this> {
    for (let n = 0; n < 2; n++) {
      const channels = this.bus.join();
      const logger = createLogger({ level: 'silent', node: 'test' });
      const hub = new Hub({ channels, prefix: 'p', clock: this.clock, logger, telemetry: new Telemetry() });
      hub.audiences.answeredBy(this.#answer);
      const roster = new Roster();
      const rechecks = new Rechecks({ hub, roster, clock: this.clock });
      const actors = { ask: this.#access } as unknown as ActorSystem;
      const ledgerRechecks = new LedgerRechecks({ hub, roster, actors, clock: this.clock });
      new Removals({ hub, roster, clock: this.clock, logger, isMember: async (member) => this.belonging.has(member) });
      await hub.start();
      this.nodes.push({ hub, channels, roster, rechecks, ledgerRechecks });
    }
    return this;
  }

  async close(): Promise<void> {
    for (const { hub } of this.nodes) {
      hub.io.of('/').sockets.clear();
      await hub.stop();
    }
  }

  readonly #answer: AskAudience = async (_threadId, members) => {
    this.asked.push([...members].sort());
    const answer = { members: members.filter((member) => this.viewers.has(member)), access_rev: this.rev };
    await this.before?.();
    return answer;
  };

  readonly #access = async (_to: Address, { member_id }: { member_id: string }): Promise<unknown> => {
    const access = { ...anAccess({ role: this.holders.has(member_id) ? 'owner' : 'member' }), access_rev: this.rev };
    await this.before?.();
    return access;
  };

  /** Its answers, which are as things are now, wait until `letGo`. */
  holdAnswers(): void {
    this.before = () => new Promise<void>((resolve) => this.#held.push(resolve));
  }

  letGo(): void {
    this.before = undefined;
    for (const go of this.#held.splice(0)) go();
  }

  /** What the owner's node says to all nodes does not arrive; what it says to a room does. */
  loseAnnouncements(): void {
    this.owner.io.serverSideEmit = () => true;
  }

  get owner(): Hub {
    return this.nodes[0]!.hub;
  }

  person(n: number, member: string): Person {
    this.belonging.add(member);
    return new Person(this.nodes[n]!, `socket-${this.#people++}`, member);
  }

  /** To the room of the thread. */
  say(content: string): void {
    this.owner.fanout.publish(threadRoom(thread), 'new_message', { message: { thread_id: thread, rev: 1, content } } as never);
  }

  /** To those of the community who may view the thread. */
  update(title: string): void {
    this.owner.fanout.publish(communityRoom(community), 'thread_updated', { thread: { id: thread, title } } as never, { audience: thread });
  }

  /** To all of the community. */
  tellAll(title: string): void {
    this.owner.fanout.publish(communityRoom(community), 'thread_updated', { thread: { id: 'another', title } } as never);
  }

  recheck(more: { member_id?: string; access_rev?: number; was_open?: boolean } = {}): void {
    const place = { community_id: community, thread_id: thread, access_rev: this.rev, thread: { id: thread, title: 't' } as never };
    this.owner.fanout.recheck({ ...place, ...more });
  }

  /** Lets everything come that comes without time passing. */
  async settle(): Promise<void> {
    for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}

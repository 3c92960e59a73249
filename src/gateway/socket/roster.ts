import type { Subscriber } from './subscriber.js';

/** This node's subscribers, by socket, member and session. */
export class Roster {
  readonly #all = new Map<string, Subscriber>();
  readonly #members = new Map<string, Set<Subscriber>>();
  readonly #sessions = new Map<string, Set<Subscriber>>();

  get size(): number {
    return this.#all.size;
  }

  add(subscriber: Subscriber): void {
    this.#all.set(subscriber.line.id, subscriber);
    put(this.#members, subscriber.caller.member_id, subscriber);
    put(this.#sessions, subscriber.caller.session_id, subscriber);
  }

  remove(subscriber: Subscriber): void {
    if (!this.#all.delete(subscriber.line.id)) return;
    take(this.#members, subscriber.caller.member_id, subscriber);
    take(this.#sessions, subscriber.caller.session_id, subscriber);
  }

  bySocket(socketId: string): Subscriber | undefined {
    return this.#all.get(socketId);
  }

  ofMember(memberId: string): Subscriber[] {
    return [...(this.#members.get(memberId) ?? [])];
  }

  countOfMember(memberId: string): number {
    return this.#members.get(memberId)?.size ?? 0;
  }

  ofSession(sessionId: string): Subscriber[] {
    return [...(this.#sessions.get(sessionId) ?? [])];
  }

  sessions(): string[] {
    return [...this.#sessions.keys()];
  }

  all(): Subscriber[] {
    return [...this.#all.values()];
  }
}

const put = (index: Map<string, Set<Subscriber>>, key: string, subscriber: Subscriber): void => {
  const set = index.get(key);
  if (set) set.add(subscriber);
  else index.set(key, new Set([subscriber]));
};

const take = (index: Map<string, Set<Subscriber>>, key: string, subscriber: Subscriber): void => {
  const set = index.get(key);
  set?.delete(subscriber);
  if (set?.size === 0) index.delete(key);
};

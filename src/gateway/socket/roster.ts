import type { Subscriber } from './subscriber.js';

/** One, as nearly always, by itself: a set each would weigh more than the rest. */
type Some = Subscriber | Set<Subscriber>;

/** This node's subscribers, by socket, member and session. */
export class Roster {
  readonly #all = new Map<string, Subscriber>();
  readonly #members = new Map<string, Some>();
  readonly #sessions = new Map<string, Some>();

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
    return several(this.#members.get(memberId));
  }

  ofSession(sessionId: string): Subscriber[] {
    return several(this.#sessions.get(sessionId));
  }

  sessions(): string[] {
    return [...this.#sessions.keys()];
  }

  all(): Subscriber[] {
    return [...this.#all.values()];
  }
}

const several = (some: Some | undefined): Subscriber[] => {
  if (some === undefined) return [];
  return some instanceof Set ? [...some] : [some];
};

const put = (index: Map<string, Some>, key: string, subscriber: Subscriber): void => {
  const there = index.get(key);
  if (there === undefined) index.set(key, subscriber);
  else if (there instanceof Set) there.add(subscriber);
  else if (there !== subscriber) index.set(key, new Set([there, subscriber]));
};

const take = (index: Map<string, Some>, key: string, subscriber: Subscriber): void => {
  const there = index.get(key);
  if (there === subscriber) index.delete(key);
  if (!(there instanceof Set)) return;
  there.delete(subscriber);
  if (there.size === 0) index.delete(key);
};

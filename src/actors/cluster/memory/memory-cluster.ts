import type { Clock } from '../../../kernel/clock.js';
import type { Backbone } from '../backbone.js';
import type { Leases, MemberRecord, Renewal } from '../leases.js';
import type { Mail, MailEntry, MailReader } from '../mail.js';
import type { Claim, Notices, SlotTable, TableSnapshot } from '../slot-table.js';
import { expectCommon } from '../versions.js';

interface Reading {
  receive: (entry: MailEntry) => void;
  reachable: () => boolean;
}

export interface InboxState {
  entries: MailEntry[];
  /** By sender: the number of its last entry. */
  last: Map<string, number>;
  reading: Reading | undefined;
  pumping: boolean;
}

/**
 * What Redis is to a real cluster, in one object under the same conformance suite; time is the clock's. Its own methods take
 * effect at once, as one script or command does in Redis; a link is a process's way to them, which takes time and can be cut.
 */
export class MemoryCluster {
  readonly clock: Clock;
  /** Ms that every operation of a link takes, one way; 0: one turn of the event loop. */
  latencyMs = 0;
  leases = new Map<string, { record: MemberRecord; until: number }>();
  claims = new Map<number, Claim>();
  epoch = 0;
  version = 1;
  readonly inboxes = new Map<string, InboxState>();
  /** Called after every change of members or claims, in order of registration. */
  readonly listeners = new Set<() => void>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** One process's connection. */
  connect(): MemoryLink {
    return new MemoryLink(this);
  }

  /** Everything is lost, as when Redis restarts without its data. */
  wipe(): void {
    this.leases.clear();
    this.claims.clear();
    this.epoch = 0;
    this.version += 1_000;
    this.inboxes.clear();
  }

  join(member: MemberRecord, leaseMs: number): Renewal {
    expectCommon(
      member,
      this.read().members.filter(({ instance }) => instance !== member.instance),
    );
    this.leases.set(member.instance, { record: member, until: this.clock.monotonic() + leaseMs });
    this.changed();
    return { alive: true, version: this.version };
  }

  renew(instance: string, leaseMs: number): Renewal {
    this.#expire();
    const lease = this.leases.get(instance);
    if (lease) lease.until = this.clock.monotonic() + leaseMs;
    return { alive: lease !== undefined, version: this.version };
  }

  announce(member: MemberRecord): boolean {
    const lease = this.leases.get(member.instance);
    if (!lease || !this.alive(member.instance)) return false;
    lease.record = member;
    this.changed();
    return true;
  }

  leave(instance: string): void {
    let any = this.leases.delete(instance);
    for (const [slot, claim] of [...this.claims]) if (claim.instance === instance) any = this.claims.delete(slot) || any;
    if (any) this.changed();
  }

  read(): TableSnapshot {
    const now = this.clock.monotonic();
    return {
      version: this.version,
      members: [...this.leases.values()].filter((l) => l.until > now).map((l) => l.record),
      claims: new Map(this.claims),
    };
  }

  claim(instance: string, slots: readonly number[]): { epoch: number; slots: number[] } {
    if (!this.alive(instance)) return { epoch: this.epoch, slots: [] };
    const free = slots.filter((slot) => {
      const owner = this.claims.get(slot)?.instance;
      return owner === undefined || owner === instance || !this.alive(owner);
    });
    if (free.length === 0) return { epoch: this.epoch, slots: [] };
    const epoch = ++this.epoch;
    for (const slot of free) this.claims.set(slot, { instance, epoch });
    this.changed();
    return { epoch, slots: free };
  }

  release(instance: string, slots: ReadonlyMap<number, number>): number[] {
    const freed = [...slots].flatMap(([slot, epoch]) => {
      const claim = this.claims.get(slot);
      return claim?.instance === instance && claim.epoch === epoch ? [slot] : [];
    });
    for (const slot of freed) this.claims.delete(slot);
    if (freed.length > 0) this.changed();
    return freed;
  }

  raiseEpoch(atLeast: number): number {
    const was = this.epoch;
    this.epoch = Math.max(was, atLeast);
    return was;
  }

  /** Makes the inbox. `receive` gets each entry for as long as `reachable` says that there is a way to the reader. */
  open(instance: string, receive: (entry: MailEntry) => void, reachable: () => boolean): InboxState {
    const inbox: InboxState = { entries: [], last: new Map(), reading: { receive, reachable }, pumping: false };
    this.inboxes.set(instance, inbox);
    return inbox;
  }

  /** With `drop` the inbox is deleted and what was unread in it answered. */
  close(instance: string, inbox: InboxState, drop: boolean): MailEntry[] {
    inbox.reading = undefined;
    if (!drop) return [];
    if (this.inboxes.get(instance) === inbox) this.inboxes.delete(instance);
    return inbox.entries.splice(0);
  }

  append(to: string, entry: MailEntry): boolean {
    const inbox = this.inboxes.get(to);
    if (!inbox) return false;
    if (entry.number > (inbox.last.get(entry.from) ?? 0)) {
      inbox.last.set(entry.from, entry.number);
      inbox.entries.push(entry);
      this.pump(inbox);
    }
    return true;
  }

  alive(instance: string): boolean {
    const lease = this.leases.get(instance);
    return lease !== undefined && lease.until > this.clock.monotonic();
  }

  /** Hands over what waits, in a later turn. */
  pump(inbox: InboxState): void {
    if (inbox.pumping || !inbox.reading) return;
    inbox.pumping = true;
    setImmediate(() => {
      inbox.pumping = false;
      while (inbox.reading?.reachable() && inbox.entries.length > 0) inbox.reading.receive(inbox.entries.shift()!);
    });
  }

  #expire(): void {
    const now = this.clock.monotonic();
    let any = false;
    for (const [instance, lease] of [...this.leases]) {
      if (lease.until > now) continue;
      this.leases.delete(instance);
      any = true;
    }
    if (any) this.changed();
  }

  changed(): void {
    this.version++;
    for (const listener of [...this.listeners]) listener();
  }
}

/** A connection that can be cut: then every operation fails and nothing arrives, as for a process that Redis cannot be reached from. */
export class MemoryLink implements Backbone, Leases, SlotTable, Notices, Mail {
  readonly #cluster: MemoryCluster;
  readonly #listening = new Set<() => void>();
  #cut = false;

  constructor(cluster: MemoryCluster) {
    this.#cluster = cluster;
  }

  get leases(): Leases {
    return this;
  }

  get slots(): SlotTable {
    return this;
  }

  get notices(): Notices {
    return this;
  }

  get mail(): Mail {
    return this;
  }

  get cut(): boolean {
    return this.#cut;
  }

  set cut(cut: boolean) {
    this.#cut = cut;
    if (cut) return;
    for (const inbox of this.#cluster.inboxes.values()) this.#cluster.pump(inbox);
    for (const onChange of [...this.#listening]) onChange();
  }

  async close(): Promise<void> {
    this.#cut = true;
  }

  join(member: MemberRecord, leaseMs: number): Promise<Renewal> {
    return this.#pass((c) => c.join(member, leaseMs));
  }

  renew(instance: string, leaseMs: number): Promise<Renewal> {
    return this.#pass((c) => c.renew(instance, leaseMs));
  }

  announce(member: MemberRecord): Promise<boolean> {
    return this.#pass((c) => c.announce(member));
  }

  leave(instance: string): Promise<void> {
    return this.#pass((c) => c.leave(instance));
  }

  read(): Promise<TableSnapshot> {
    return this.#pass((c) => c.read());
  }

  claim(instance: string, slots: readonly number[]): Promise<{ epoch: number; slots: number[] }> {
    return this.#pass((c) => c.claim(instance, slots));
  }

  release(instance: string, slots: ReadonlyMap<number, number>): Promise<number[]> {
    return this.#pass((c) => c.release(instance, slots));
  }

  raiseEpoch(atLeast: number): Promise<number> {
    return this.#pass((c) => c.raiseEpoch(atLeast));
  }

  listen(onChange: () => void): Promise<() => Promise<void>> {
    return this.#pass((c) => {
      const notice = (): void => void this.#notice(onChange);
      c.listeners.add(notice);
      this.#listening.add(onChange);
      return async () => {
        c.listeners.delete(notice);
        this.#listening.delete(onChange);
      };
    });
  }

  open(instance: string, receive: (entry: MailEntry) => void): Promise<MailReader> {
    return this.#pass((c) => {
      const inbox = c.open(instance, receive, () => !this.#cut);
      return {
        close: async (drop: boolean) => {
          for (const entry of c.close(instance, inbox, drop && !this.#cut)) receive(entry);
        },
        keep: () => this.#pass(() => c.inboxes.get(instance) === inbox),
      };
    });
  }

  send(to: string, entry: MailEntry): Promise<boolean> {
    return this.#pass((c) => c.append(to, entry));
  }

  /** Runs an operation on the cluster as this link's condition and the latency allow. */
  async #pass<T>(act: (cluster: MemoryCluster) => T): Promise<T> {
    if (!this.#cut) await this.#travel();
    if (this.#cut) throw new Error('the connection is cut');
    const result = act(this.#cluster);
    if (this.#cluster.latencyMs > 0) await this.#travel();
    return result;
  }

  async #notice(onChange: () => void): Promise<void> {
    if (!this.#cut) await this.#travel();
    if (!this.#cut) onChange();
  }

  #travel(): Promise<void> {
    const { clock, latencyMs } = this.#cluster;
    return new Promise((resolve) => {
      if (latencyMs > 0) clock.after(latencyMs, resolve);
      else setImmediate(resolve);
    });
  }
}

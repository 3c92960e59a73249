import type { Clock } from '../../../kernel/clock.js';
import type { Backbone } from '../backbone.js';
import type { Leases, MemberRecord, Renewal } from '../leases.js';
import type { Mail, MailEntry, MailReader } from '../mail.js';
import type { Claim, Notices, SlotTable, TableSnapshot } from '../slot-table.js';

interface Reading {
  receive: (entry: MailEntry) => void;
  link: MemoryLink;
}

interface InboxState {
  entries: MailEntry[];
  /** By sender: the number of its last entry. */
  last: Map<string, number>;
  reading: Reading | undefined;
  pumping: boolean;
}

/** What Redis is to a real cluster, in one object under the same conformance suite; time is the clock's. */
export class MemoryCluster {
  readonly clock: Clock;
  /** Ms that every operation takes, one way; 0: one turn of the event loop. */
  latencyMs = 0;
  leases = new Map<string, { record: MemberRecord; until: number }>();
  claims = new Map<number, Claim>();
  epoch = 0;
  version = 1;
  readonly inboxes = new Map<string, InboxState>();
  readonly listeners = new Set<{ link: MemoryLink; onChange: () => void }>();

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

  changed(): void {
    this.version++;
    for (const { link, onChange } of [...this.listeners]) void link.pass(() => onChange(), true);
  }

  expire(): void {
    const now = this.clock.monotonic();
    let any = false;
    for (const [instance, lease] of [...this.leases]) {
      if (lease.until > now) continue;
      this.leases.delete(instance);
      any = true;
    }
    if (any) this.changed();
  }

  alive(instance: string): boolean {
    const lease = this.leases.get(instance);
    return lease !== undefined && lease.until > this.clock.monotonic();
  }

  pump(inbox: InboxState): void {
    if (inbox.pumping || !inbox.reading) return;
    inbox.pumping = true;
    setImmediate(() => {
      inbox.pumping = false;
      while (inbox.reading && !inbox.reading.link.cut && inbox.entries.length > 0) inbox.reading.receive(inbox.entries.shift()!);
    });
  }
}

/** A connection that can be cut: then every operation fails and nothing arrives, as for a process that Redis cannot be reached from. */
export class MemoryLink implements Backbone, Leases, SlotTable, Notices, Mail {
  readonly #cluster: MemoryCluster;
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
    for (const { link, onChange } of [...this.#cluster.listeners]) if (link === this) onChange();
  }

  async close(): Promise<void> {
    this.#cut = true;
  }

  join(member: MemberRecord, leaseMs: number): Promise<Renewal> {
    return this.pass((c) => {
      c.leases.set(member.instance, { record: member, until: c.clock.monotonic() + leaseMs });
      c.changed();
      return { alive: true, version: c.version };
    });
  }

  renew(instance: string, leaseMs: number): Promise<Renewal> {
    return this.pass((c) => {
      c.expire();
      const lease = c.leases.get(instance);
      if (lease) lease.until = c.clock.monotonic() + leaseMs;
      return { alive: lease !== undefined, version: c.version };
    });
  }

  leave(instance: string): Promise<void> {
    return this.pass((c) => {
      let any = c.leases.delete(instance);
      for (const [slot, claim] of [...c.claims]) if (claim.instance === instance) any = c.claims.delete(slot) || any;
      if (any) c.changed();
    });
  }

  read(): Promise<TableSnapshot> {
    return this.pass((c) => ({
      version: c.version,
      members: [...c.leases.values()].filter((l) => l.until > c.clock.monotonic()).map((l) => l.record),
      claims: new Map(c.claims),
    }));
  }

  claim(instance: string, slots: readonly number[]): Promise<{ epoch: number; slots: number[] }> {
    return this.pass((c) => {
      if (!c.alive(instance)) return { epoch: c.epoch, slots: [] };
      const free = slots.filter((slot) => {
        const owner = c.claims.get(slot)?.instance;
        return owner === undefined || owner === instance || !c.alive(owner);
      });
      if (free.length === 0) return { epoch: c.epoch, slots: [] };
      const epoch = ++c.epoch;
      for (const slot of free) c.claims.set(slot, { instance, epoch });
      c.changed();
      return { epoch, slots: free };
    });
  }

  release(instance: string, slots: ReadonlyMap<number, number>): Promise<number[]> {
    return this.pass((c) => {
      const freed = [...slots].flatMap(([slot, epoch]) => {
        const claim = c.claims.get(slot);
        return claim?.instance === instance && claim.epoch === epoch ? [slot] : [];
      });
      for (const slot of freed) c.claims.delete(slot);
      if (freed.length > 0) c.changed();
      return freed;
    });
  }

  raiseEpoch(atLeast: number): Promise<number> {
    return this.pass((c) => {
      const was = c.epoch;
      c.epoch = Math.max(was, atLeast);
      return was;
    });
  }

  listen(onChange: () => void): Promise<() => Promise<void>> {
    return this.pass((c) => {
      const entry = { link: this, onChange };
      c.listeners.add(entry);
      return async () => void c.listeners.delete(entry);
    });
  }

  open(instance: string, receive: (entry: MailEntry) => void): Promise<MailReader> {
    return this.pass((c) => {
      const inbox: InboxState = { entries: [], last: new Map(), reading: { receive, link: this }, pumping: false };
      c.inboxes.set(instance, inbox);
      return {
        close: async (drop: boolean) => {
          if (drop) for (const entry of inbox.entries.splice(0)) receive(entry);
          inbox.reading = undefined;
          if (drop && !this.#cut && c.inboxes.get(instance) === inbox) c.inboxes.delete(instance);
        },
        keep: () => this.pass(() => c.inboxes.get(instance) === inbox),
      };
    });
  }

  send(to: string, entry: MailEntry): Promise<boolean> {
    return this.pass((c) => {
      const inbox = c.inboxes.get(to);
      if (!inbox) return false;
      if (entry.number > (inbox.last.get(entry.from) ?? 0)) {
        inbox.last.set(entry.from, entry.number);
        inbox.entries.push(entry);
        c.pump(inbox);
      }
      return true;
    });
  }

  /** Runs an operation on the cluster as this link's condition and the latency allow. With `quietly` a cut link swallows it. */
  async pass<T>(act: (cluster: MemoryCluster) => T, quietly = false): Promise<T> {
    if (!this.#cut) await this.#travel();
    if (this.#cut) {
      if (quietly) return undefined as T;
      throw new Error('the connection is cut');
    }
    const result = act(this.#cluster);
    if (this.#cluster.latencyMs > 0) await this.#travel();
    return result;
  }

  #travel(): Promise<void> {
    const { clock, latencyMs } = this.#cluster;
    return new Promise((resolve) => {
      if (latencyMs > 0) clock.after(latencyMs, resolve);
      else setImmediate(resolve);
    });
  }
}

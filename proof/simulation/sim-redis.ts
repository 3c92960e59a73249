import type { Backbone } from '../../src/actors/cluster/backbone.js';
import type { Leases, MemberRecord, Renewal } from '../../src/actors/cluster/leases.js';
import type { Mail, MailEntry, MailReader } from '../../src/actors/cluster/mail.js';
import type { MemoryCluster } from '../../src/actors/cluster/memory/memory-cluster.js';
import type { Notices, SlotTable, TableSnapshot } from '../../src/actors/cluster/slot-table.js';
import { Line } from './line.js';
import type { SimProcess } from './process.js';
import type { Random } from './random.js';

/** As the command connection's own limit. */
const commandTimeoutMs = 2_000;
/** As an inbox's own expiry. */
const inboxKeepMs = 60_000;

/**
 * One process's connections to Redis, over the cluster's twin in memory. Commands of one process keep their order. While the way is
 * cut a command fails after its time limit; once sent or queued it may be carried out all the same, later and unheard.
 */
export class SimRedis implements Backbone, Leases, SlotTable, Notices, Mail {
  readonly #cluster: MemoryCluster;
  readonly #process: SimProcess;
  readonly #random: Random;
  readonly #there: Line;
  readonly #back: Line;
  readonly #reading: Line;
  readonly #notices: Line;
  readonly #listening = new Set<() => void>();
  #queued: (() => void)[] = [];
  #cut = false;
  /** Share of answers that are lost on the way back. */
  lostReplies = 0;

  constructor(parts: { cluster: MemoryCluster; process: SimProcess; random: Random }) {
    this.#cluster = parts.cluster;
    this.#process = parts.process;
    this.#random = parts.random;
    const { time } = parts.process;
    this.#there = new Line(time, parts.random, 0.1, 1.5);
    this.#back = new Line(time, parts.random, 0.1, 1.5);
    this.#reading = new Line(time, parts.random, 0.1, 2);
    this.#notices = new Line(time, parts.random, 0.1, 2);
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
    if (cut === this.#cut) return;
    this.#cut = cut;
    if (cut) return;
    const queued = this.#queued;
    this.#queued = [];
    for (const send of queued) send();
    for (const inbox of this.#cluster.inboxes.values()) this.#cluster.pump(inbox);
    for (const onChange of [...this.#listening]) this.#notices.carry(() => this.#process.deliver(onChange));
  }

  set slowMs(ms: number) {
    for (const line of [this.#there, this.#back, this.#reading, this.#notices]) line.slowMs = ms;
  }

  async close(): Promise<void> {
    this.#cut = true;
  }

  join(member: MemberRecord, leaseMs: number): Promise<Renewal> {
    return this.#call((c) => c.join(member, leaseMs));
  }

  renew(instance: string, leaseMs: number): Promise<Renewal> {
    return this.#call((c) => c.renew(instance, leaseMs));
  }

  announce(member: MemberRecord): Promise<boolean> {
    return this.#call((c) => c.announce(member));
  }

  leave(instance: string): Promise<void> {
    return this.#call((c) => c.leave(instance));
  }

  read(): Promise<TableSnapshot> {
    return this.#call((c) => c.read());
  }

  claim(instance: string, slots: readonly number[]): Promise<{ epoch: number; slots: number[] }> {
    return this.#call((c) => c.claim(instance, slots));
  }

  release(instance: string, slots: ReadonlyMap<number, number>): Promise<number[]> {
    return this.#call((c) => c.release(instance, slots));
  }

  raiseEpoch(atLeast: number): Promise<number> {
    return this.#call((c) => c.raiseEpoch(atLeast));
  }

  /** A notice is lost while the way is cut, and a restored one counts as a notice. */
  listen(onChange: () => void): Promise<() => Promise<void>> {
    return this.#call((c) => {
      const notice = (): void => {
        if (this.#process.dead) c.listeners.delete(notice);
        else if (!this.#cut) this.#notices.carry(() => !this.#cut && this.#process.deliver(onChange));
      };
      c.listeners.add(notice);
      this.#listening.add(onChange);
      return async () => {
        c.listeners.delete(notice);
        this.#listening.delete(onChange);
      };
    });
  }

  open(instance: string, receive: (entry: MailEntry) => void): Promise<MailReader> {
    const underWay: MailEntry[] = [];
    let open = true;
    return this.#call((c) => {
      const arrive = (entry: MailEntry): void => {
        underWay.push(entry);
        this.#reading.carry(() =>
          this.#process.deliver(() => {
            if (!open) return;
            underWay.shift();
            receive(entry);
          }),
        );
      };
      const inbox = c.open(instance, arrive, () => open && !this.#cut && !this.#process.dead);
      this.#process.onDeath(() => {
        this.#process.time.after(inboxKeepMs, () => void c.close(instance, inbox, true));
      });
      return {
        close: async (drop: boolean): Promise<void> => {
          if (!open) return;
          open = false;
          const unread = underWay.splice(0);
          if (!drop) {
            this.#process.time.after(inboxKeepMs, () => void c.close(instance, inbox, true));
            return;
          }
          const rest = await this.#call((cluster) => cluster.close(instance, inbox, true));
          for (const entry of [...unread, ...rest]) receive(entry);
        },
        keep: () => this.#call((cluster) => cluster.inboxes.get(instance) === inbox),
      };
    });
  }

  send(to: string, entry: MailEntry): Promise<boolean> {
    return this.#call((c) => c.append(to, entry));
  }

  #call<T>(act: (cluster: MemoryCluster) => T): Promise<T> {
    const process = this.#process;
    return new Promise<T>((resolve, reject) => {
      let over = false;
      const timer = process.clock.after(commandTimeoutMs, () => {
        over = true;
        reject(new Error('Command timed out'));
      });
      const end = (then: () => void): void => {
        if (over || process.dead) return;
        over = true;
        timer.cancel();
        then();
      };
      const lost = (): void => process.deliver(() => end(() => reject(new Error('Connection is closed.'))));
      const send = (): void => {
        // One that was given up on may have left all the same.
        if (process.dead || (over && this.#random.chance(0.5))) return;
        this.#there.carry(() => {
          if (this.#cut && this.#random.chance(0.5)) return lost();
          let settle: () => void;
          try {
            const result = act(this.#cluster);
            settle = () => resolve(result);
          } catch (error) {
            settle = () => reject(error);
          }
          if (this.#random.chance(this.lostReplies)) return;
          this.#back.carry(() => (this.#cut ? lost() : process.deliver(() => end(settle))));
        });
      };
      if (this.#cut) this.#queued.push(send);
      else send();
    });
  }
}

import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { Mail, MailEntry, MailReader } from './mail.js';
import { Outgoing, type OutgoingLimits, type OutItem } from './outgoing.js';
import type { Wire } from './wire.js';

export interface TransportOptions {
  mail: Mail;
  wire: Wire;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  limits: OutgoingLimits;
  /** Must not throw. */
  receive: (entry: MailEntry) => void;
  /** No such inbox (any more): the items that were not delivered, in order. */
  onGone: (target: string, items: OutItem[]) => void;
}

/** The mail of one incarnation of this process after another: its inbox, and what it sends. Between two of them nothing comes or leaves. */
export class Transport {
  readonly #options: TransportOptions;
  #self: string | undefined;
  #outgoing: Outgoing | undefined;
  #reader: MailReader | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** The incarnation whose inbox is open. */
  get self(): string | undefined {
    return this.#self;
  }

  /** One that was open is given up. */
  async open(instance: string): Promise<void> {
    await this.close(false);
    const { mail, receive, ...options } = this.#options;
    this.#reader = await mail.open(instance, receive);
    this.#outgoing = new Outgoing({ ...options, mail, from: instance });
    this.#self = instance;
  }

  /** Keeps the inbox from expiring. False: it is gone, and answers reach nobody until another is opened. */
  async keep(): Promise<boolean> {
    return (await this.#reader?.keep()) ?? true;
  }

  /** With `drop` what was sent here is read to its end and the inbox deleted, so that its senders know. */
  async close(drop: boolean): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close(drop);
    this.#outgoing?.close();
    this.#outgoing = undefined;
    this.#self = undefined;
  }

  /** False: too much waits for the target already, or nothing leaves now. */
  push(target: string, item: OutItem): boolean {
    return this.#outgoing?.push(target, item) ?? false;
  }

  /** True once all that waits now has left, or nothing can be done about it. */
  mark(): () => boolean {
    return this.#outgoing?.mark() ?? (() => true);
  }

  /** Whether anything was sent there. */
  knows(target: string): boolean {
    return this.#outgoing?.knows(target) ?? false;
  }

  /** What had not left for one that is gone. */
  recall(target: string): OutItem[] {
    return this.#outgoing?.recall(target) ?? [];
  }
}

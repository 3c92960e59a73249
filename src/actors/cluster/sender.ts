import type { Clock, Timer } from '../../kernel/clock.js';
import { randomToken } from '../../kernel/ids.js';
import type { Part } from '../../kernel/lifecycle.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { ActorSystem, Address, AskOptions, Message, ReplyOf } from '../runtime/actor.js';
import { DeadLetters } from '../runtime/dead-letters.js';
import { Post } from '../runtime/post.js';
import { Tally } from '../runtime/tally.js';
import type { Backbone } from './backbone.js';
import { Directory } from './directory.js';
import { Router, type RouterLimits } from './router.js';
import { expectCommon } from './versions.js';
import { currentWire } from './wire.js';

export interface ClusterSenderOptions {
  /** Names the process in logs and in its inbox's key. */
  name: string;
  backbone: Backbone;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  limits?: Partial<RouterLimits & { pendingAsks: number }> | undefined;
}

/** How often it looks at the slot table by itself, in ms: notices may be lost. */
const LOOK_MS = 1_000;

/** Asks and tells actors from a process that owns none: it joins nothing, and its death concerns nobody. */
export class ClusterSender implements ActorSystem, Part {
  readonly name = 'actors';
  readonly #options: ClusterSenderOptions;
  readonly #directory: Directory;
  readonly #router: Router;
  readonly #post: Post;
  readonly #tally: Tally;
  #tick: Timer | undefined;
  #unlisten: (() => Promise<void>) | undefined;

  constructor(options: ClusterSenderOptions) {
    this.#options = options;
    const { backbone, clock, logger, telemetry, limits } = options;
    this.#directory = new Directory(backbone.slots, logger);
    this.#tally = new Tally(telemetry);
    const deadLetters = new DeadLetters(clock, logger, telemetry);
    this.#router = new Router({
      mail: backbone.mail,
      directory: this.#directory,
      local: undefined,
      clock,
      logger,
      telemetry,
      deadLetters,
      limits,
    });
    this.#post = new Post({ clock, logger, tally: this.#tally, outbox: this.#router, pendingAsks: limits?.pendingAsks ?? 20_000 });
  }

  /** Rejects when Redis cannot be reached now, and with `VersionMismatch` when a member shares no version with this process. */
  async start(): Promise<void> {
    if (this.#tick) return;
    this.#tick = this.#options.clock.every(LOOK_MS, () => this.#look());
    this.#unlisten = await this.#options.backbone.notices.listen(() => this.#directory.refreshSoon());
    await this.#open();
    await this.#directory.refresh();
    expectCommon(currentWire, this.#directory.members.values());
  }

  tell<M extends Message>(to: Address, message: M): void {
    this.#post.tell(to, message);
  }

  ask<M extends Message>(to: Address, message: M, options?: AskOptions): Promise<ReplyOf<M>> {
    return this.#post.ask(to, message, options);
  }

  /** Lets what was sent leave (up to a second), then fails the asks that wait with `timeout`. The backbone is its owner's to close. */
  async stop(): Promise<void> {
    if (!this.#tick) return;
    this.#tick.cancel();
    this.#tick = undefined;
    const drained = this.#router.drained();
    const { clock } = this.#options;
    for (const end = clock.monotonic() + 1_000; !drained() && clock.monotonic() < end; ) {
      await new Promise<void>((resolve) => clock.after(10, resolve));
    }
    this.#post.stop();
    this.#router.stop();
    this.#tally.flush();
    try {
      await this.#unlisten?.();
      await this.#router.closeInbox(true);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'could not close the inbox');
    }
  }

  #look(): void {
    this.#router.sweep();
    this.#tally.flush();
    this.#directory.refreshSoon();
    this.#keep().catch((error: unknown) => this.#options.logger.warn({ err: error }, 'could not keep the inbox'));
  }

  #open(): Promise<void> {
    return this.#router.open(`${this.#options.name}-${randomToken(6)}`);
  }

  /** Redis may have lost the inbox: answers under way to it are lost, and their asks end by their deadline. */
  async #keep(): Promise<void> {
    if (!(await this.#router.keepInbox()) && this.#tick) await this.#open();
  }
}

import type { ActorSystem, Address, AskOptions, Message, ReplyOf } from './actor.js';
import { Catalog, type CatalogOptions } from './catalog.js';

/** All actors in one process, without a cluster: for tests, tools and measuring. */
export class LocalActorSystem implements ActorSystem {
  readonly catalog: Catalog;

  constructor(options: Omit<CatalogOptions, 'outbox'>) {
    this.catalog = new Catalog(options);
    this.catalog.start();
  }

  tell<M extends Message>(to: Address, message: M): void {
    this.catalog.post.tell(to, message);
  }

  ask<M extends Message>(to: Address, message: M, options?: AskOptions): Promise<ReplyOf<M>> {
    return this.catalog.post.ask(to, message, options);
  }

  /** Ends all actors with `shutdown`, so that they may flush. */
  stop(): Promise<void> {
    return this.catalog.stop();
  }
}

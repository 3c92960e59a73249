import { LRUCache } from 'lru-cache';
import type * as thread from '../../actors/domain/thread/messages.js';
import { type React, type Send, threadAddress } from '../../actors/domain/thread/messages.js';
import type { ActorSystem, ReplyOf } from '../../actors/runtime/actor.js';
import { nothingThere } from '../../authority/decide.js';
import type { Caller } from '../../catalogue/caller.js';
import type { Places } from '../../catalogue/ports.js';
import type { Clock } from '../../kernel/clock.js';
import { newId, randomToken } from '../../kernel/ids.js';
import { entriesAtMost } from '../../kernel/lazy-bound.js';
import { MembersInTurn } from '../../kernel/members-in-turn.js';
import { Sequence } from '../../kernel/sequence.js';
import type { Attachment, Message } from '../../protocol/resources.js';
import type { Store } from '../../store/contracts.js';
import { Mentions, mayMention } from '../../store/mentions.js';

/** Of one node. */
const catchingUp = { atOnce: 8, waiting: 10_000 };

export interface NewMessage {
  thread_id: string;
  content: string;
  reply_to?: string | undefined;
  attachments?: Attachment[] | undefined;
  /** Made here when absent; then a retry makes a second message. */
  nonce?: string | undefined;
}

/**
 * What the doors do with messages: from a parsed request to an ask of the thread's actor, which alone decides who may. Every
 * call may reject with the actor's Fault; `timeout` means that the outcome is unknown. Messages of one member to one thread
 * reach the actor in the order of the calls, whether they mention someone or not.
 */
export class Messages {
  readonly #actors: ActorSystem;
  readonly #store: Pick<Store, 'messages'>;
  readonly #places: Pick<Places, 'enter'>;
  readonly #clock: Clock;
  readonly #mentions: Mentions;
  readonly #order = new Sequence();
  readonly #catchingUp = new MembersInTurn(catchingUp);
  /** Message to thread; this never changes. */
  readonly #threads: LRUCache<string, string>;

  constructor(parts: {
    actors: ActorSystem;
    store: Pick<Store, 'messages' | 'members'>;
    places: Pick<Places, 'enter'>;
    clock: Clock;
    remembered?: number;
  }) {
    this.#actors = parts.actors;
    this.#store = parts.store;
    this.#places = parts.places;
    this.#clock = parts.clock;
    this.#mentions = new Mentions(parts.store.members);
    this.#threads = new LRUCache(entriesAtMost(parts.remembered ?? 20_000));
  }

  /** `created: false`: this nonce had been used, and the message is the first one. */
  async send(caller: Caller, input: NewMessage): Promise<ReplyOf<Send>> {
    const by = caller.member_id;
    const found = this.#order.after(`${by}:${input.thread_id}`, () => this.#mentions.resolve(input.content));
    const named = found instanceof Promise ? await found : found;
    const answer = await this.#actors.ask<Send>(threadAddress(input.thread_id), {
      type: 'send',
      by,
      message_id: newId(this.#clock.now()),
      content: input.content,
      reply_to: input.reply_to ?? null,
      attachments: input.attachments ?? [],
      mentions: named.mentions,
      mention_names: named.mention_names,
      nonce: input.nonce ?? randomToken(16),
    });
    this.#threads.set(answer.message.id, input.thread_id);
    return answer;
  }

  async edit(caller: Caller, input: { message_id: string; content: string }): Promise<{ message: Message }> {
    const { message_id, content } = input;
    const before = mayMention(content) ? await this.#store.messages.byId(message_id) : null;
    if (before) this.#threads.set(message_id, before.thread_id);
    const [address, named] = await Promise.all([this.#threadOf(caller, message_id), this.#mentions.resolve(content, before)]);
    return this.#actors.ask<thread.Edit>(address, { type: 'edit', by: caller.member_id, message_id, content, ...named });
  }

  async delete(caller: Caller, input: { message_id: string }): Promise<{ message: Message }> {
    const { message_id } = input;
    return this.#actors.ask<thread.Delete>(await this.#threadOf(caller, message_id), { type: 'delete', by: caller.member_id, message_id });
  }

  async react(caller: Caller, input: { message_id: string; emoji: string; add: boolean }): Promise<{ message: Message }> {
    return this.#actors.ask<React>(await this.#threadOf(caller, input.message_id), { type: 'react', by: caller.member_id, ...input });
  }

  /** Pages that reach back further than memory does are read from the store: a flood of them must not hold up what is sent. */
  sync(caller: Caller, input: { thread_id: string; after_rev: number }): Promise<ReplyOf<thread.Sync>> {
    const by = caller.member_id;
    return this.#catchingUp.pass(by, () =>
      this.#actors.ask<thread.Sync>(threadAddress(input.thread_id), { type: 'sync', by, after_rev: input.after_rev }),
    );
  }

  /**
   * Rejects with `not_found` for a message that never was, and for one of a closed thread that the caller may not view:
   * both cost one read of messages, and what entering a thread costs. Else whether the caller may know of it is the
   * actor's to say.
   */
  async #threadOf({ member_id }: Caller, messageId: string): Promise<ReturnType<typeof threadAddress>> {
    const known = this.#threads.get(messageId);
    const thread = known ?? (await this.#store.messages.byId(messageId))?.thread_id;
    if (thread === undefined) {
      await this.#places.enter({ thread: messageId }, member_id);
      throw nothingThere();
    }
    try {
      await this.#places.enter({ thread }, member_id);
    } catch (error) {
      if (known !== undefined) await this.#store.messages.byId(messageId);
      throw error;
    }
    this.#threads.set(messageId, thread);
    return threadAddress(thread);
  }
}

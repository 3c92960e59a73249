import { authorise, type Facts } from '../../../authority/authorise.js';
import { isClosedThread } from '../../../authority/closure.js';
import { nothingThere } from '../../../authority/decide.js';
import { type OverrideRecord, standingIn } from '../../../authority/overrides.js';
import { rules } from '../../../authority/rules.js';
import { Fault } from '../../../kernel/errors.js';
import type { EventPayload, ServerEventName } from '../../../protocol/events.js';
import type { Thread } from '../../../protocol/resources.js';
import { communityRoom, threadRoom } from '../../../protocol/rooms.js';
import type { MessageRecord, ThreadPatch, ThreadRecord } from '../../../store/contracts.js';
import { toMessage, toThread } from '../../../store/resources.js';
import { reactionForm } from '../../../text/emoji.js';
import type { Actor, ActorContext, Message, ReplyOf } from '../../runtime/actor.js';
import { type Access, communityAddress } from '../community/messages.js';
import { lookAgainLater } from '../look-again.js';
import { type DomainPorts, type PublishOptions, type Recheck, rings } from '../ports.js';
import { SideReads } from '../side-reads.js';
import { AccessCache } from './access-cache.js';
import { audienceOf } from './audience.js';
import { ThreadFigures } from './figures.js';
import { FlushTimes } from './flush-times.js';
import { importMessages } from './import.js';
import { type Committed, type Done, ThreadLog, type WriteEnded } from './log.js';
import { deleted, edited, reacted } from './message-policy.js';
import type {
  AccessChanged,
  Delete,
  Edit,
  GetHead,
  GetThread,
  ImportItem,
  MarkRead,
  Open,
  Pin,
  React,
  Send,
  Sync,
  ThreadMessage,
  UpdateThread,
} from './messages.js';
import { ThreadOverrides } from './overrides.js';
import { type PeopleCommand, ThreadPeople } from './people.js';
import { ReadCursors } from './read-cursors.js';
import { TypingMarks } from './typing.js';
import { whomViewChangedFor } from './view-changes.js';
import { ThreadViews } from './views.js';

type Own = WriteEnded | { type: 'ended' } | { type: 'flush' } | { type: 'look_again' } | { type: 'typing_over'; member_id: string };

/** So long a closed thread that was deleted still says who could view it. */
const lastAudiencesMs = 10_000;

/** One thread: gives its changes their order, shows them once they are durable, and answers who catches up. */
export class ThreadActor implements Actor<ThreadMessage | Own> {
  #record!: ThreadRecord;
  #log!: ThreadLog;
  #access!: AccessCache;
  #reads!: ReadCursors;
  #views!: ThreadViews;
  #figures!: ThreadFigures;
  #isLookDue!: () => boolean;
  #overrides!: ThreadOverrides;
  #people!: ThreadPeople;
  readonly #flushes: FlushTimes;
  readonly #sideReads: SideReads;
  readonly #typing: TypingMarks;
  readonly #pinActs = new Set<string>();
  /** Messages whose change is under way that tells, or told, somebody of itself. */
  readonly #retold = new Set<string>();

  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
  ) {
    this.#sideReads = new SideReads(context);
    this.#flushes = new FlushTimes(context, this.#id);
    this.#typing = new TypingMarks(
      (member_id, on) => {
        this.#publish(on ? 'typing' : 'stop_typing', { thread_id: this.#id, member_id }, { exceptMember: member_id });
      },
      (ms, member_id) => context.tellSelfAfter(ms, { type: 'typing_over', member_id } as Message),
      () => context.clock.monotonic(),
    );
  }

  get #id(): string {
    return this.context.address.key;
  }

  async activate(): Promise<void> {
    const record = await this.ports.store.threads.byId(this.#id);
    if (!record || record.deleted_at !== null) throw nothingThere();
    this.#record = record;
    this.#access = new AccessCache(this.context, record.community_id);
    this.#overrides = new ThreadOverrides(
      this.ports.store.threads,
      () => this.#record,
      (stored) => this.#overridden(stored),
    );
    this.#people = new ThreadPeople(
      this.context,
      this.#overrides,
      () => this.#record,
      (memberId) => this.#accessOf(memberId, true),
    );
    const { messages, reads } = this.ports.store;
    const figures = () => this.#record;
    this.#reads = new ReadCursors(record.id, reads, this.context.clock, { figures, seqAt: (at) => messages.seqAt(record.id, at) });
    this.#log = new ThreadLog(
      this.context,
      messages,
      record,
      (changed, kind) => this.#committed(changed, kind),
      () => this.#overtaken(),
    );
    this.#views = new ThreadViews(figures, this.#log, messages, this.#reads, () => this.context.clock.now());
    this.#figures = new ThreadFigures(this.#log, messages);
    await this.#log.begin();
    this.#isLookDue = lookAgainLater(this.context);
    const { seq, rev } = this.#log.head;
    if (rev === record.head_rev && seq === record.last_seq) return;
    // The last owner did not come to write its figures, and perhaps not to show its last changes either.
    this.#record = await this.#figures.settled(this.#figures.overtaken(record));
    this.#changed();
  }

  async deactivate(reason: string): Promise<void> {
    if (reason !== 'lost') await this.#sideReads.end();
    await this.#log.close(reason === 'lost', this.#isLookDue());
    if (reason !== 'lost' && this.#flushes.isDue) await this.#flush();
  }

  receive(message: ThreadMessage | Own): unknown {
    switch (message.type) {
      case 'write_ended':
        return this.#log.ended(message);
      case 'look_again':
        return this.#lookAgain();
      case 'flush':
        return this.#flush().catch((error: unknown) => {
          this.#flushes.failed();
          throw error;
        });
      case 'typing_over':
        return this.#typing.stop(message.member_id);
      case 'head':
        return this.#headNow();
      case 'audience':
        return this.#sideReads.answer(() => audienceOf(message.members, (memberId) => this.#standing(memberId, true)));
      case 'access_changed':
        return this.#accessChanged(message);
      case 'community_changed':
        return this.#communityChanged();
      case 'community_deleted':
        this.#record = { ...this.#record, deleted_at: this.context.clock.now() };
        return this.#end();
      case 'ended':
        return this.context.passivate();
      case 'forget_person':
        return this.#people.forget(message.member_id);
      case 'import':
        return this.#import(message.items);
      case 'open':
      case 'sync':
      case 'get':
        return this.#sideReads.answer(() => this.#show(message));
      default:
        return this.#serve(message);
    }
  }

  /** Beside the turns. */
  async #show(message: Open | Sync | GetThread): Promise<unknown> {
    return this.#views.show(await this.#accessOf(message.by, message.type === 'open'), message);
  }

  /** How the asker stands, in a thread that is there: with this everything begins that people ask. */
  async #accessOf(memberId: string, anew = false): Promise<Access> {
    this.#demandThere();
    const access = await this.#standing(memberId, anew);
    this.#demandThere();
    return access;
  }

  /** How somebody stands in the thread. What is stored of it is known: nothing is decided while a write of it has no answer. */
  async #standing(memberId: string, anew: boolean): Promise<Access> {
    const access = await this.#access.of(memberId, anew);
    if (this.#overrides.isOpen) await this.#overrides.settle();
    return standingIn(access, this.#record.overrides);
  }

  async #lookAgain(): Promise<void> {
    await this.#overrides.readAgain();
    await this.#log.lookAgain();
  }

  /**
   * Who may view it may have changed: of them it is decided anew, before anything is published that comes after. That costs each
   * connection of those whom it is about, so of whom nothing has changed nothing is asked.
   */
  #overridden(stored: Pick<ThreadRecord, 'overrides' | 'overrides_version' | 'scope_since'>): void {
    const [wasClosed, before] = [this.#isClosed, this.#record.overrides];
    this.#record = { ...this.#record, ...stored };
    if (!wasClosed && !this.#isClosed) return;
    const turned = wasClosed !== this.#isClosed;
    const whom = turned ? 'everybody' : whomViewChangedFor(before, this.#record.overrides);
    if (whom === 'everybody') this.#recheck({ access_rev: 0, ...(!wasClosed && { was_open: true }) });
    else for (const member_id of whom) this.#recheck({ member_id, access_rev: 0 });
    if (turned) this.ports.nudge.changed(this.#id);
    // What has rung for those who may not view it any more goes.
    if (this.#isClosed) this.ports.nudge.deleted({ thread_id: this.#id });
  }

  async #changePeople(access: Access, message: PeopleCommand): Promise<OverrideRecord[]> {
    const before = this.#record.scope_since;
    const overrides = await this.#people.carryOut(access, message);
    const { scope_since } = this.#record;
    // What narrows leaves the index first; should that fail, the worker does it: each hit is asked about before it is shown.
    if (scope_since !== undefined && scope_since !== before) {
      await this.ports.store.search
        .removeBefore(this.#id, scope_since)
        .catch((error: unknown) => this.context.logger.info({ err: error }, 'a closed thread is still to be taken out of the index'));
    }
    return overrides;
  }

  /** Nodes still ask who may hear that a closed thread is gone. */
  #end(): void {
    if (this.#isClosed) this.context.tellSelfAfter(lastAudiencesMs, { type: 'ended' } as Message);
    else this.context.passivate();
  }

  /** To the thread's room: nobody is in it who may not view the thread (see `recheck`). */
  #publish<E extends ServerEventName>(event: E, payload: EventPayload<E>, options?: PublishOptions): void {
    this.ports.fanout.publish(threadRoom(this.#id), event, payload, options);
  }

  /** To the community's room; of a closed thread to those there alone who may view it. */
  #tell<E extends ServerEventName>(event: E, payload: EventPayload<E>): void {
    const options = this.#isClosed ? { audience: this.#id } : {};
    this.ports.fanout.publish(communityRoom(this.#record.community_id), event, payload, options);
  }

  /** Not every member of its community may view it. */
  get #isClosed(): boolean {
    return isClosedThread(this.#record);
  }

  /** Whoever is no member any more hears nothing that is published from here on; in a closed thread everybody is decided anew. */
  #accessChanged({ access, only_read }: AccessChanged): void {
    this.#access.changed(access.member_id);
    if (only_read) return;
    const { community_id } = this.#record;
    if (access.role === null) this.ports.fanout.evict(access.member_id, community_id, { threadId: this.#id });
    else if (this.#isClosed) this.#recheck({ member_id: access.member_id, access_rev: access.access_rev });
  }

  #communityChanged(): void {
    this.#access.clear();
    if (this.#isClosed) this.#recheck({ access_rev: 0 });
  }

  #recheck(whom: Pick<Recheck, 'member_id' | 'access_rev' | 'was_open'>): void {
    const { community_id } = this.#record;
    this.ports.fanout.recheck({ community_id, thread_id: this.#id, thread: toThread(this.#record), ...whom });
  }

  #headNow(): ReplyOf<GetHead> {
    const { rev: head_rev, seq: last_seq } = this.#log.head;
    return { head_rev, last_seq, ...(this.#isClosed && { closed_in: this.#record.community_id }) };
  }

  #demandThere(): void {
    if (this.#record.deleted_at !== null) throw nothingThere();
  }

  /** Throws the refusal. Of the thread itself its beginner is the author. */
  #authorise(rule: keyof typeof rules, access: Access): void {
    const facts: Facts = { member_id: access.member_id, isAuthor: access.member_id === this.#record.created_by };
    authorise(rules[rule], access, facts, this.context.clock.now());
  }

  /** What people do. */
  async #serve(
    message: Exclude<
      ThreadMessage,
      {
        type:
          | 'head'
          | 'audience'
          | 'forget_person'
          | 'access_changed'
          | 'community_changed'
          | 'community_deleted'
          | 'import'
          | 'open'
          | 'sync'
          | 'get';
      }
    >,
  ): Promise<unknown> {
    const access = await this.#accessOf(message.by);
    switch (message.type) {
      case 'send':
        return this.#send(access, message);
      case 'edit':
      case 'delete':
      case 'react':
        return this.#alter(access, message);
      case 'update':
        return this.#update(access, message);
      case 'pin':
        return this.#pin(access, message);
      case 'delete_thread':
        return this.#deleteThread(access);
      case 'set_override':
      case 'get_overrides':
      case 'add_person':
      case 'remove_person':
        return this.#changePeople(access, message);
      case 'mark_read':
        return this.#markRead(access, message);
      case 'typing':
        this.#authorise('typing', access);
        return message.on ? this.#typing.start(message.by) : this.#typing.stop(message.by);
    }
  }

  async #send(access: Access, message: Send): Promise<void> {
    this.#authorise('send_message', access);
    if (message.attachments.length > 0) this.#authorise('attach', access);
    if (message.reply_to !== null) await this.#demandAnswerable(message.reply_to, message);
    const reply = this.context.defer();
    const { by: author, message_id: id, content, reply_to, attachments, mentions, mention_names, nonce } = message;
    const draft = {
      id,
      author,
      content,
      reply_to,
      attachments,
      mentions,
      mention_names,
      nonce,
      created_at: this.context.clock.now(),
      edited_at: null,
      deleted_at: null,
      reactions: [],
    };
    this.#log.create(draft, (error, committed) => {
      if (error) return reply.reject(error);
      const { record, changed } = committed as Committed;
      reply.resolve({ message: toMessage(record, author), created: changed });
    });
    this.#typing.stop(author);
  }

  /**
   * One answers what stands in this thread; whether a message is elsewhere or nowhere is not told. What was deleted is answered no
   * more; an answer that was stored before that, and is sent again, is still the same message.
   */
  async #demandAnswerable(messageId: string, { by, nonce }: Send): Promise<void> {
    const original = this.#log.window.get(messageId) ?? (await this.ports.store.messages.byId(messageId));
    if (original?.thread_id !== this.#id) {
      const errors = [{ path: 'reply_to', message: 'must be a message of this thread' }];
      throw new Fault('validation_failed', 'The message answers nothing that stands in this thread', { errors });
    }
    if (original.deleted_at === null || (await this.#log.knows(by, nonce))) return;
    throw new Fault('conflict', 'The message that this answers was deleted');
  }

  #alter(access: Access, message: Edit | Delete | React): void {
    const { clock } = this.context;
    const changed = (m: MessageRecord): MessageRecord | null => {
      if (message.type === 'edit') return edited(m, access, message, clock.now());
      if (message.type === 'delete') return deleted(m, access, clock.now());
      return reacted(m, access, message.emoji, message.add, clock.now());
    };
    const next = (m: MessageRecord): MessageRecord | null => {
      this.#authorise('get_thread', access);
      const after = changed(m);
      if (after && message.type !== 'react' && (rings(m) || rings(after))) this.#retold.add(m.id);
      return after;
    };
    const reply = this.context.defer();
    const done: Done = (error, committed) => {
      this.#retold.delete(message.message_id);
      if (error) return reply.reject(error);
      const { record, changed } = committed as Committed;
      if (changed) this.#showAltered(record, message);
      reply.resolve({ message: toMessage(record, message.by) });
    };
    this.#log.alter(message.message_id, next, done);
  }

  #showAltered(record: MessageRecord, by: Edit | Delete | React): void {
    if (by.type === 'delete') this.#publish('message_deleted', { message: toMessage(record) });
    else {
      const reaction = by.type === 'react' ? { reaction: { emoji: reactionForm(by.emoji), member_id: by.by, added: by.add } } : {};
      this.#publish('message_updated', { message: toMessage(record), ...reaction });
    }
  }

  /** A change became durable: from here on it may be seen. */
  #committed(record: MessageRecord, kind: 'create' | 'alter'): void {
    this.#record = this.#figures.after(this.#record, record, kind);
    const quiet = this.#quiet.delete(record.id);
    if (kind === 'create' && !quiet) {
      this.#publish('new_message', { message: toMessage(record) });
      this.#reads.wrote(record.author, record.seq);
    }
    this.#changed({ quiet, rings: kind === 'create' ? rings(record) : this.#retold.has(record.id) });
  }

  /** Another node has written: those who have not seen it are told to catch up. */
  #overtaken(): void {
    this.#record = this.#figures.overtaken(this.#record);
    this.#changed();
  }

  /** What is imported is left to the workers' sweep: indexing it at once would take the time that the import needs. */
  #changed({ quiet = false, rings = true } = {}): void {
    this.ports.fanout.reached(this.#id, this.#log.head.rev);
    if (!quiet) this.ports.nudge.changed(this.#id, rings);
    this.#flushes.changed();
  }

  async #flush(): Promise<void> {
    this.#flushes.begun();
    if (this.#figures.areOwed) {
      this.#record = await this.#figures.settled(this.#record);
      if (this.#figures.areOwed) this.#flushes.changed();
    }
    const changed = { type: 'thread_changed', thread: toThread(this.#record), closings: this.#people.closings };
    this.context.tell(communityAddress(this.#record.community_id), changed as Message);
    await this.#reads.flush();
  }

  async #update(access: Access, { patch }: UpdateThread): Promise<Thread> {
    this.#authorise('update_thread', access);
    return this.#write(access, { ...patch, updated_at: this.context.clock.now() });
  }

  async #pin(access: Access, { act, is_pinned }: Pin): Promise<Thread> {
    this.#authorise('pin_thread', access);
    const wanted = is_pinned ?? (this.#pinActs.has(act) ? this.#record.is_pinned : !this.#record.is_pinned);
    this.#pinActs.add(act);
    if (this.#pinActs.size > 50) this.#pinActs.delete(this.#pinActs.values().next().value as string);
    return this.#write(access, { is_pinned: wanted });
  }

  async #write(access: Access, patch: ThreadPatch): Promise<Thread> {
    const stored = await this.ports.store.threads.update(this.#id, patch);
    if (!stored) throw nothingThere();
    this.#record = { ...this.#record, ...patch };
    this.#tell('thread_updated', { thread: toThread(this.#record) });
    this.ports.nudge.changed(this.#id);
    return this.#views.thread(access);
  }

  async #deleteThread(access: Access): Promise<null> {
    this.#authorise('delete_thread', access);
    const deleted_at = this.context.clock.now();
    await this.ports.store.threads.update(this.#id, { deleted_at });
    this.#record = { ...this.#record, deleted_at };
    const { community_id } = this.#record;
    this.#tell('thread_deleted', { community_id, thread_id: this.#id });
    this.ports.fanout.close({ thread_id: this.#id });
    this.ports.nudge.deleted({ thread_id: this.#id });
    this.context.tell(communityAddress(community_id), { type: 'thread_deleted', thread_id: this.#id } as Message);
    this.#end();
    return null;
  }

  async #markRead(access: Access, { by, seq }: MarkRead): Promise<void> {
    this.#authorise('mark_read', access);
    const reply = this.context.defer();
    const upTo = Math.min(seq, this.#log.head.seq);
    this.#reads.mark(by, upTo, access.unread_since).then(
      (cursor) => {
        if (cursor.moved) {
          const at = new Date(this.context.clock.now()).toISOString();
          this.#publish('read_receipt', { thread_id: this.#id, member_id: by, seq: cursor.seq, at });
        }
        reply.resolve({ read_seq: cursor.seq });
      },
      (error) => reply.reject(error),
    );
  }

  /** Ids of imported messages, which are not shown one by one: subscribers are told to catch up at the end of a batch. */
  readonly #quiet = new Set<string>();

  #import(items: readonly ImportItem[]): void {
    const reply = this.context.defer();
    for (const item of items) this.#quiet.add(item.message_id);
    importMessages({ items, log: this.#log, messages: this.ports.store.messages, threadId: this.#id })
      .finally(() => {
        for (const item of items) this.#quiet.delete(item.message_id);
        this.#publish('resync', { thread_id: this.#id, head_rev: this.#log.head.rev });
      })
      .then(reply.resolve.bind(reply), reply.reject.bind(reply));
  }
}

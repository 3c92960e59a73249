import { nothingThere } from '../../../authority/decide.js';
import type { MessageRecord, ThreadPatch, ThreadRecord } from '../../../store/contracts.js';
import { toMessage, toThread } from '../../../store/resources.js';
import type { TendLedger } from '../../ledger/messages.js';
import type { Actor, ActorContext, Message, ReplyOf } from '../../runtime/actor.js';
import { type Access, type CopyThreads, communityAddress } from '../community/messages.js';
import { lookAgainLater } from '../look-again.js';
import { type DomainPorts, rings } from '../ports.js';
import { SideReads } from '../side-reads.js';
import { AccessCache } from './access-cache.js';
import { Alterations } from './alterations.js';
import { demandAnswerable } from './answerable.js';
import { audienceOf } from './audience.js';
import { CommunityCopy } from './community-copy.js';
import { draftOf } from './draft.js';
import { ThreadFigures } from './figures.js';
import { FlushTimes } from './flush-times.js';
import { Imports } from './import.js';
import { mayHaveLedger, ThreadLedger } from './ledger-items.js';
import { type Committed, ThreadLog, type WriteEnded } from './log.js';
import type { AccessChanged, GetHead, Send, ThreadMessage } from './messages.js';
import { ThreadNews } from './news.js';
import { ThreadOverrides } from './overrides.js';
import { ThreadPeople } from './people.js';
import { ThreadProperties } from './properties.js';
import { ReadCursors } from './read-cursors.js';
import { ReadMarks } from './read-marks.js';
import { ThreadStandings } from './standings.js';
import { TypingMarks } from './typing.js';
import { ThreadViews } from './views.js';

type Own =
  | WriteEnded
  | TendLedger
  | { type: 'ended' }
  | { type: 'flush' }
  | { type: 'look_again' }
  | { type: 'typing_over'; member_id: string };

type OfActors =
  | 'head'
  | 'ledger_head'
  | 'level'
  | 'audience'
  | 'forget_person'
  | 'access_changed'
  | 'community_changed'
  | 'community_deleted'
  | 'import';
type Asked = Exclude<ThreadMessage, { type: OfActors | 'open' | 'sync' | 'get' }>;

/** As which they stand in the log of a ledger. */
const operationOf = {
  ...{ update: 'update_thread', pin: 'pin_thread', delete_thread: 'delete_thread' },
  set_override: 'set_override',
  ...{ add_person: 'add_thread_member', remove_person: 'remove_thread_member' },
} as const;

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
  #standings!: ThreadStandings;
  #properties!: ThreadProperties;
  #alterations!: Alterations;
  #imports!: Imports;
  #marks!: ReadMarks;
  readonly #news: ThreadNews;
  readonly #flushes: FlushTimes;
  readonly #sideReads: SideReads;
  readonly #typing: TypingMarks;
  readonly #copy: CommunityCopy;
  readonly #ledger: ThreadLedger;

  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
  ) {
    this.#sideReads = new SideReads(context);
    this.#news = new ThreadNews(ports, () => this.#record);
    this.#flushes = new FlushTimes(context, this.#id);
    this.#typing = new TypingMarks(context, this.#news);
    this.#copy = new CommunityCopy(context, () => this.#record);
    this.#ledger = new ThreadLedger(context, ports, this.#sideReads, () => this.#news.isClosed && this.#record.deleted_at === null);
  }

  get #id(): string {
    return this.context.address.key;
  }

  async activate(): Promise<void> {
    const record = await this.ports.store.threads.byId(this.#id);
    if (!record || record.deleted_at !== null) throw nothingThere();
    this.#record = record;
    this.#access = new AccessCache(this.context, record.community_id);
    const { store } = this.ports;
    const thread = () => this.#record;
    // Whether the community's ledger is rid of what was open once is not known: whoever says that it is closed hears
    // when it is.
    if (this.#news.isClosed && record.scope_since !== undefined) this.#copy.written();
    this.#overrides = new ThreadOverrides(store.threads, thread, (stored) => this.#overridden(stored));
    this.#standings = new ThreadStandings(this.context, this.#access, this.#overrides, thread);
    this.#people = new ThreadPeople(this.context, store, this.#overrides, thread, this.#standings);
    const { messages, reads } = store;
    this.#reads = new ReadCursors(record.id, reads, this.context.clock, { figures: thread, seqAt: (at) => messages.seqAt(record.id, at) });
    this.#log = new ThreadLog(
      this.context,
      messages,
      record,
      (changed, kind) => this.#committed(changed, kind),
      () => this.#overtaken(),
    );
    this.#views = new ThreadViews(thread, this.#log, messages, this.#reads, () => this.context.clock.now());
    const changed = (patch: ThreadPatch) => {
      this.#record = { ...this.#record, ...patch };
      if (!this.#news.isClosed) this.#copy.written();
    };
    this.#properties = new ThreadProperties(this.context, this.ports, thread, changed, this.#news, this.#standings, this.#views);
    this.#alterations = new Alterations(this.context, this.#log, this.#news, this.#standings);
    this.#marks = new ReadMarks(this.context, this.#log, this.#reads, this.#news, this.#standings);
    this.#imports = new Imports(this.context, this.#log, messages, this.#news);
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
    if (reason !== 'lost') await Promise.all([this.#sideReads.end(), this.#copy.end()]);
    await this.#log.close(reason === 'lost', this.#isLookDue());
    // What became of it finds out who owns the thread next, though nobody asks for it.
    if (this.#log.isWriting) this.context.tell(this.context.address, { type: 'look_again' });
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
        return this.#sideReads.answer(() => audienceOf(message.members, (memberId) => this.#standings.of(memberId, true)));
      case 'access_changed':
        return this.#accessChanged(message);
      case 'community_changed':
        this.#access.clear();
        return this.#news.accessChangedForAll();
      case 'community_deleted':
        this.#record = { ...this.#record, deleted_at: this.context.clock.now() };
        return this.#properties.end();
      case 'level':
        return this.#ledger.again(message);
      case 'tend_ledger':
        return this.#ledger.tend();
      case 'ledger_head':
        return this.#ledger.head(message);
      case 'ended':
        return this.context.passivate();
      case 'forget_person':
        return this.#people.forget(message.member_id);
      case 'import':
        return this.#imports.begin(message);
      case 'open':
      case 'sync':
      case 'get':
        return this.#sideReads.answer(async () =>
          this.#views.show(await this.#standings.ofAsker(message.by, message.type === 'open'), message),
        );
      default:
        return this.#serve(message);
    }
  }

  async #lookAgain(): Promise<void> {
    const { scope_since } = this.#record;
    await this.#overrides.readAgain();
    await this.#ledger.lookAgain();
    if (this.#record.scope_since !== scope_since)
      this.context.tell<CopyThreads>(communityAddress(this.#record.community_id), { type: 'copy_threads' });
    await this.#log.lookAgain();
  }

  #overridden(stored: Pick<ThreadRecord, 'overrides' | 'overrides_version' | 'scope_since'>): void {
    const before = this.#record;
    this.#record = { ...before, ...stored };
    if (before.scope_since !== stored.scope_since && stored.scope_since !== undefined) this.#copy.written();
    if (mayHaveLedger(this.#record, this.#news.isClosed)) this.#ledger.outdated();
    this.#news.overridden(before);
  }

  #accessChanged({ access, only_read }: AccessChanged): void {
    this.#access.changed(access.member_id);
    if (!only_read) this.#news.accessChanged(access);
  }

  #headNow(): ReplyOf<GetHead> {
    const { rev: head_rev, seq: last_seq } = this.#log.head;
    return { head_rev, last_seq, ...(this.#news.isClosed && { closed_in: this.#record.community_id }) };
  }

  /** What people do. */
  async #serve(message: Asked): Promise<unknown> {
    const access = await this.#standings.ofAsker(message.by, message.type === 'sync_ledger' && message.as_member === true);
    switch (message.type) {
      case 'sync_ledger':
        this.#standings.authorise('get_thread', access);
        return this.#ledger.sync(access, message);
      case 'send':
        return this.#send(access, message);
      case 'edit':
      case 'delete':
      case 'react':
        return this.#alterations.begin(access, message);
      case 'update':
      case 'pin':
      case 'delete_thread':
        return this.#told(await this.#properties.carryOut(access, message), message);
      case 'set_override':
      case 'get_overrides':
      case 'add_person':
      case 'remove_person':
        return this.#told(await this.#people.carryOut(access, message), message);
      case 'mark_read':
        return this.#marks.begin(access, message);
      case 'typing':
        this.#standings.authorise('typing', access);
        return message.on ? this.#typing.start(message.by) : this.#typing.stop(message.by);
    }
  }

  /** Nobody hears that a thread is closed before it has gone from what everybody may read. */
  async #told<T>(answer: T, { type, by }: { type: keyof typeof operationOf | 'get_overrides'; by: string }): Promise<T | undefined> {
    if (type === 'get_overrides') return answer;
    const act = { by, operation: operationOf[type] };
    const isOfPeople = type !== 'update' && type !== 'pin' && type !== 'delete_thread';
    // Of one that is being closed the community's ledger is rid first.
    const isClosing = isOfPeople && this.#news.isClosed && this.#copy.isOwed;
    if (!isClosing && mayHaveLedger(this.#record, this.#news.isClosed)) await this.#ledger.follow(act);
    return this.#copy.answer(answer, act, { mustShow: isClosing, shown: () => this.context.tellSelf({ type: 'level', act } as Message) });
  }

  async #send(access: Access, message: Send): Promise<void> {
    this.#standings.authorise('send_message', access);
    if (message.attachments.length > 0) this.#standings.authorise('attach', access);
    if (message.reply_to !== null) await demandAnswerable(message.reply_to, message, this.#record, this.#log, this.ports.store.messages);
    const reply = this.context.defer();
    this.#log.create(draftOf(message, this.context.clock.now()), (error, committed) => {
      if (error) return reply.reject(error);
      const { record, changed } = committed as Committed;
      reply.resolve({ message: toMessage(record, message.by), created: changed });
    });
    this.#typing.stop(message.by);
  }

  /** A change became durable: from here on it may be seen. */
  #committed(record: MessageRecord, kind: 'create' | 'alter'): void {
    this.#record = this.#figures.after(this.#record, record, kind);
    const quiet = this.#imports.took(record.id);
    if (kind === 'create' && !quiet) {
      this.#news.publish('new_message', { message: toMessage(record) });
      this.#reads.wrote(record.author, record.seq);
    }
    this.#changed({ quiet, rings: kind === 'create' ? rings(record) : this.#alterations.isRinging(record.id) });
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
}

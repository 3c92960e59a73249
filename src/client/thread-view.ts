import { Fault } from '../kernel/errors.js';
import type { Message } from '../protocol/resources.js';
import { CatchUp } from './catch-up.js';
import { HistoryLoads } from './history-loads.js';
import { Listeners } from './listeners.js';
import { isDeleted, type ReactionChange } from './message-list.js';
import { newNonce } from './nonce.js';
import { OwnSignals } from './own-signals.js';
import { withFault, withoutNonce, withRev } from './pending-send.js';
import type { Draft, ThreadPort } from './port.js';
import { whenLive } from './readiness.js';
import { emptyThread, nextThread, type ThreadAction, type ThreadState } from './thread-state.js';
import { TypingMarks } from './typing-marks.js';

/** `live`: subscribed, nothing missing. `gone`: not there for this member; the Fault says why. */
export type ThreadStatus = 'offline' | 'catching_up' | 'live' | 'gone';

/**
 * One thread, kept live. Holds the messages in order over holes, duplicates and reconnects, and sends through it in the
 * order of the calls. Tells its listeners whenever `state`, `status`, `typing` or `readSeq` may have changed.
 */
export class ThreadView {
  readonly threadId: string;
  readonly #port: ThreadPort;
  readonly #changed = new Listeners();
  readonly #typing: TypingMarks;
  readonly #signals: OwnSignals;
  readonly #catchUp: CatchUp;
  readonly #history: HistoryLoads;
  readonly #forget: (() => void)[];
  #state: ThreadState;
  #fault: Fault | null = null;
  #sending: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(threadId: string, port: ThreadPort) {
    this.threadId = threadId;
    this.#port = port;
    this.#state = emptyThread(port.memberId);
    this.#typing = new TypingMarks(port.clock, () => this.#changed.tell());
    this.#signals = new OwnSignals(threadId, port, (seq) => {
      this.#dispatch({ type: 'read', seq });
      this.#changed.tell();
    });
    const state = (): ThreadState => this.#state;
    const dispatch = (action: ThreadAction): void => this.#dispatch(action);
    this.#history = new HistoryLoads({ read: (place, limit) => port.history(threadId, place, limit), state, dispatch });
    this.#catchUp = new CatchUp({
      threadId,
      port,
      state,
      dispatch: (action) => {
        dispatch(action);
        if (action.type === 'snapshot') this.#history.renewExcerpt();
        if (action.type !== 'snapshot' && action.type !== 'thread') return;
        // What was read on other devices, as the answer to a join knows it; it may not know yet what was read here.
        this.#signals.heardRead(action.thread.me?.read_seq ?? 0);
        dispatch({ type: 'read', seq: this.#signals.readSeq });
      },
      gone: (fault) => this.#gone(fault),
      changed: () => this.#changed.tell(),
    });
    this.#forget = this.#listen();
    if (port.isOnline) this.#catchUp.online(true);
  }

  get state(): ThreadState {
    return this.#state;
  }

  get status(): ThreadStatus {
    if (this.#fault) return 'gone';
    if (!this.#port.isOnline) return 'offline';
    return this.#catchUp.isCurrent ? 'live' : 'catching_up';
  }

  /** Why the thread is gone. */
  get fault(): Fault | null {
    return this.#fault;
  }

  /** Ids of the others who are typing. */
  get typing(): readonly string[] {
    return this.#typing.members;
  }

  /** How far oneself has read, on any device. */
  get readSeq(): number {
    return Math.max(this.#signals.readSeq, this.#state.thread?.me?.read_seq ?? 0);
  }

  /** The newest message that is known of. */
  get lastSeq(): number {
    return Math.max(this.#state.thread?.last_seq ?? 0, this.#state.messages.at(-1)?.seq ?? 0);
  }

  /** Whether `close` was called; such a view follows nothing any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Hears of every change; answers how to stop. */
  subscribe(listener: () => void): () => void {
    return this.#changed.add(listener);
  }

  /** Resolves once the thread is live, or rejects with the Fault that keeps it from ever being. */
  ready(): Promise<void> {
    return whenLive(this, 'The thread was closed');
  }

  /**
   * Sends a message. It is in `state.pending` at once, and leaves it when the thread shows it. Sends of one view go one
   * after the other. Rejects with the Fault that it stays in `pending` with; `retry` goes on with the same nonce.
   */
  send(draft: Draft): Promise<Message> {
    const send = { ...draft, nonce: draft.nonce ?? newNonce(), created_at: this.#port.clock.now(), fault: null, rev: null };
    this.#dispatch({ type: 'pending', pending: [...withoutNonce(this.#state.pending, send.nonce), send] });
    this.#signals.sent();
    return this.#queue(send);
  }

  /** Sends a failed one again, under its first nonce. */
  async retry(nonce: string): Promise<Message | undefined> {
    const send = this.#state.pending.find((one) => one.nonce === nonce && one.fault);
    if (!send) return undefined;
    this.#dispatch({ type: 'pending', pending: withFault(this.#state.pending, nonce, null) });
    return this.#queue(send);
  }

  /** Gives up a failed send. */
  discard(nonce: string): void {
    this.#dispatch({ type: 'pending', pending: withoutNonce(this.#state.pending, nonce) });
  }

  async edit(messageId: string, content: string): Promise<Message> {
    return this.#took((await this.#port.emit('edit_message', { message_id: messageId, content })).message);
  }

  async remove(messageId: string): Promise<Message> {
    return this.#took((await this.#port.emit('delete_message', { message_id: messageId })).message);
  }

  /** Adds one's reaction or takes it back. */
  async react(messageId: string, emoji: string, on: boolean): Promise<Message> {
    return this.#took((await this.#port.emit(on ? 'add_reaction' : 'remove_reaction', { message_id: messageId, emoji })).message);
  }

  /**
   * Loads one page of messages before those in `state.excerpt`, or else before those in `state.messages`; false when there are
   * none left. Asked again meanwhile, it is the same load.
   */
  loadOlder(): Promise<boolean> {
    return this.#history.older();
  }

  /** Loads one page of messages after those in `state.excerpt`. Once it reaches the newest messages it joins them and is null. */
  loadNewer(): Promise<boolean> {
    return this.#history.newer();
  }

  /**
   * Loads what stands around a seq, however far from the newest, in one request: into `state.excerpt`, or into `state.messages`
   * where it reaches those. A seq that is not there brings what stands nearest to it.
   */
  loadAround(seq: number): Promise<void> {
    return this.#history.around(seq);
  }

  /** Looks at the newest messages again. */
  leaveExcerpt(): void {
    this.#history.leaveExcerpt();
  }

  /** Everything up to seq has been seen. Sent now and then, never back. */
  markRead(seq: number): void {
    if (seq > this.readSeq && !this.#closed) this.#signals.read(seq);
  }

  /** The page may end: what waits to be sent goes now. */
  flush(): void {
    this.#signals.flush();
  }

  /** Call at each stroke; what is sent is throttled. */
  noteTyping(): void {
    this.#signals.typing();
  }

  stopTyping(): void {
    this.#signals.stopTyping();
  }

  /** Stops following the thread. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const forget of this.#forget) forget();
    this.#signals.close();
    this.#catchUp.stop();
    this.#typing.clear();
    if (this.#port.isOnline) this.#port.emit('leave_thread', { thread_id: this.threadId }).catch(() => undefined);
    this.#changed.tell();
    this.#changed.clear();
  }

  #listen(): (() => void)[] {
    const { threadId } = this;
    const change = (message: Message, reaction?: ReactionChange): void => {
      if (message.thread_id !== threadId) return;
      this.#dispatch({ type: 'change', change: { message, reaction, marked: false } });
      this.#catchUp.check(false);
    };
    return [
      this.#port.onOnline((online) => {
        if (!online) this.#typing.clear();
        if (!this.#fault) this.#catchUp.online(online);
      }),
      this.#port.on('new_message', ({ message }) => {
        if (message.thread_id === threadId && !isDeleted(message)) this.#typing.end(message.author);
        change(message);
      }),
      this.#port.on('message_updated', ({ message, reaction }) => change(message, reaction)),
      this.#port.on('message_deleted', ({ message }) => change(message)),
      this.#port.on('resync', ({ thread_id, head_rev }) => {
        if (thread_id !== threadId) return;
        this.#dispatch({ type: 'head', head_rev });
        this.#catchUp.check(true);
      }),
      this.#port.on('typing', ({ thread_id, member_id }) => {
        if (thread_id === threadId && member_id !== this.#port.memberId) this.#typing.set(member_id);
      }),
      this.#port.on('stop_typing', ({ thread_id, member_id }) => {
        if (thread_id === threadId) this.#typing.end(member_id);
      }),
      this.#port.onAllRead((communityId) => {
        const { thread, messages } = this.#state;
        if (!thread || (communityId !== null && communityId !== thread.community_id)) return;
        this.#signals.heardRead(Math.max(thread.last_seq, messages.at(-1)?.seq ?? 0));
      }),
      this.#port.on('read_receipt', ({ thread_id, member_id, seq }) => {
        if (thread_id === threadId && member_id === this.#port.memberId) this.#signals.heardRead(seq);
      }),
      this.#port.on('thread_updated', ({ thread }) => {
        if (thread.id === threadId && this.#state.thread) this.#dispatch({ type: 'thread', thread });
      }),
      this.#port.on('member_left', ({ community_id, member_id }) => {
        if (member_id === this.#port.memberId && community_id === this.#state.thread?.community_id)
          this.#gone(new Fault('forbidden', 'You are not a member any more'));
      }),
      this.#port.on('thread_deleted', ({ thread_id }) => {
        if (thread_id === threadId) this.#gone(new Fault('not_found', 'The thread was deleted'));
      }),
    ];
  }

  #queue(send: Draft & { nonce: string }): Promise<Message> {
    const { content, reply_to, attachments, nonce } = send;
    const author = this.#port.memberId;
    const sent = this.#sending.then(() => {
      // It waited behind another one; who is signed in now did not write it.
      if (this.#port.memberId !== author) throw new Fault('unauthenticated', 'The session is over');
      return this.#port.send(this.threadId, { content, reply_to, attachments, nonce });
    });
    const seen = sent.then(
      (message) => {
        this.#took(message);
        // The message may have to wait for a hole before it; until it shows, the send stays pending.
        this.#dispatch({ type: 'pending', pending: withRev(this.#state.pending, nonce, message.rev) });
        return message;
      },
      (thrown: unknown) => {
        const fault = Fault.from(thrown);
        this.#dispatch({ type: 'pending', pending: withFault(this.#state.pending, nonce, fault) });
        throw fault;
      },
    );
    this.#sending = seen.catch(() => undefined);
    return seen;
  }

  /** An acknowledgement brings the change as its event does, and may overtake it. */
  #took(message: Message): Message {
    this.#dispatch({ type: 'change', change: { message, marked: true } });
    this.#catchUp.check(false);
    return message;
  }

  #gone(fault: Fault): void {
    this.#fault = fault;
    this.#changed.tell();
  }

  #dispatch(action: ThreadAction): void {
    const next = nextThread(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    this.#changed.tell();
  }
}

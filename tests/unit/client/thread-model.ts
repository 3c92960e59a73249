import { isDeleted } from '../../../src/client/message-list.js';
import type { DataOf } from '../../../src/client/operations.js';
import type { EventPayload } from '../../../src/protocol/events.js';
import type { LiveMessage, Message, Thread } from '../../../src/protocol/resources.js';

export const hexId = (n: number): string => n.toString(16).padStart(24, '0');
export const me = hexId(1);
export const other = hexId(2);
export const threadId = hexId(9);
const at = '2026-01-01T00:00:00.000Z';

/** An event as the server would send it, with its name. */
export type Sent =
  | { name: 'new_message'; payload: EventPayload<'new_message'> }
  | { name: 'message_updated'; payload: EventPayload<'message_updated'> }
  | { name: 'message_deleted'; payload: EventPayload<'message_deleted'> };

interface Stored {
  message: LiveMessage | null;
  stub: { id: string; thread_id: string; seq: number; rev: number };
  reactors: Map<string, Set<string>>;
}

/** One thread as the contract describes it, without a server: what tests compare the client with. */
export class ThreadModel {
  readonly stored: Stored[] = [];
  readonly sent: Sent[] = [];
  rev = 0;
  /** How far the viewer has read. */
  readSeq = 0;

  create(author: string, content: string, nonce: string | null = null): Sent {
    const seq = this.stored.length + 1;
    this.rev++;
    const stub = { id: hexId(1000 + seq), thread_id: threadId, seq, rev: this.rev };
    const message: LiveMessage = {
      ...stub,
      content,
      author,
      created_at: at,
      edited_at: null,
      is_edited: false,
      reply_to: null,
      attachments: [],
      mentions: [],
      reactions: [],
      nonce,
    };
    const stored: Stored = { message, stub, reactors: new Map() };
    this.stored.push(stored);
    return this.#tell({ name: 'new_message', payload: { message: this.#as(stored, null) } });
  }

  edit(seq: number, content: string): Sent | null {
    const stored = this.#alive(seq);
    if (!stored?.message) return null;
    stored.message = { ...stored.message, content, is_edited: true, edited_at: at };
    stored.stub.rev = ++this.rev;
    return this.#tell({ name: 'message_updated', payload: { message: this.#as(stored, null) } });
  }

  remove(seq: number): Sent | null {
    const stored = this.#alive(seq);
    if (!stored) return null;
    stored.message = null;
    stored.stub.rev = ++this.rev;
    return this.#tell({ name: 'message_deleted', payload: { message: this.#as(stored, null) } });
  }

  react(seq: number, member: string, emoji: string, on: boolean): Sent | null {
    const stored = this.#alive(seq);
    const reactors = stored?.reactors.get(emoji) ?? new Set<string>();
    if (!stored || reactors.has(member) === on) return null;
    if (on) reactors.add(member);
    else reactors.delete(member);
    stored.reactors.set(emoji, reactors);
    stored.stub.rev = ++this.rev;
    const reaction = { emoji, member_id: member, added: on };
    return this.#tell({ name: 'message_updated', payload: { message: this.#as(stored, null), reaction } });
  }

  /** What a fresh look by this member finds. */
  all(viewer: string): Message[] {
    return this.stored.map((stored) => this.#as(stored, viewer));
  }

  get thread(): Thread {
    return {
      id: threadId,
      community_id: hexId(8),
      title: 'A thread',
      content: null,
      created_by: other,
      created_at: at,
      updated_at: at,
      message_count: this.stored.length,
      last_activity: at,
      is_pinned: false,
      tags: [],
      last_seq: this.stored.length,
      head_rev: this.rev,
      me: { read_seq: this.readSeq, unread_count: this.stored.length - this.readSeq },
    };
  }

  join(viewer: string, page: number): DataOf<'join_thread'> {
    const messages = this.all(viewer).slice(-page);
    return { thread: this.thread, head_rev: this.rev, last_seq: this.stored.length, messages, complete: true };
  }

  changes(viewer: string, afterRev: number, page: number): DataOf<'sync_thread'> {
    const missing = this.all(viewer)
      .filter((message) => message.rev > afterRev)
      .sort((a, b) => a.rev - b.rev);
    return { messages: missing.slice(0, page), head_rev: this.rev, complete: missing.length <= page };
  }

  before(viewer: string, seq: number, limit: number): Message[] {
    return this.all(viewer)
      .filter((message) => message.seq < seq)
      .slice(-limit);
  }

  #alive(seq: number): Stored | undefined {
    const stored = this.stored[seq - 1];
    return stored?.message ? stored : undefined;
  }

  #as(stored: Stored, viewer: string | null): Message {
    if (!stored.message) return { ...stored.stub, deleted_at: at };
    const reactions = [...stored.reactors]
      .filter(([, who]) => who.size > 0)
      .map(([emoji, who]) => ({ emoji, count: who.size, me: viewer !== null && who.has(viewer) }));
    return { ...stored.message, ...stored.stub, reactions };
  }

  #tell(sent: Sent): Sent {
    this.sent.push(sent);
    return sent;
  }
}

/** Contents by seq, a dash for what was deleted. */
export const contents = (messages: readonly Message[]): string[] => messages.map((m) => (isDeleted(m) ? '-' : m.content));

import type { Act, Answer, Entry, Final, History, StoredMessage, View } from '../../../proof/history/history.js';
import type { LiveMessage, Message } from '../../../src/protocol/resources.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
export interface Told {
  title: string;
  entries: Entry[];
  final: Writable<Final> & { messages: StoredMessage[]; cursors: { thread: string; member: string; read_seq: number; unread: number }[] };
}

const thread = 't1';
const community = 'c1';

/** Tells a healthy history step by step; each call is committed, answered and shown to everyone before the next one begins. */
export class Story {
  readonly entries: Entry[] = [];
  readonly stored: StoredMessage[] = [];
  readonly cursors = new Map<string, number>();
  epoch = 1;
  #members: string[];
  #at = 0;
  #op = 0;
  #rev = 0;

  constructor(...members: string[]) {
    this.#members = members;
    this.add({ kind: 'claimed', at: this.tick(), slot: 7, instance: 'n1', epoch: 1 });
    this.add({ kind: 'activation', at: this.tick(), address: `thread/${thread}`, instance: 'n1', epoch: 1, on: true });
  }

  tick(ms = 10): number {
    this.#at += ms;
    return this.#at;
  }

  add(entry: Entry): number {
    return this.entries.push(entry) - 1;
  }

  call(member: string, act: Act): number {
    this.add({ kind: 'call', at: this.tick(), op: ++this.#op, client: `client-${member}`, member, act });
    return this.#op;
  }

  answer(op: number, answer: Partial<Answer> = {}): void {
    this.add({ kind: 'answer', at: this.tick(), op, outcome: 'ok', ...answer });
  }

  /** The store carries a change of a message out. */
  commit(stored: StoredMessage): void {
    stored.rev = ++this.#rev;
    stored.epoch = this.epoch;
    const { id, seq, rev, epoch } = stored;
    this.add({ kind: 'commit', at: this.tick(), thread, message: id, seq, rev, epoch });
  }

  show(stored: StoredMessage, by: 'new_message' | 'message_updated' | 'message_deleted' | 'page'): void {
    for (const member of this.#members)
      this.add({ kind: 'seen', at: this.tick(1), client: `client-${member}`, member, thread, by, message: shownAs(stored) });
  }

  place(member: string, nonce: string, content: string): StoredMessage {
    const seq = this.stored.length + 1;
    const message = {
      id: `m${seq}`,
      thread,
      community,
      seq,
      rev: 0,
      epoch: this.epoch,
      author: member,
      nonce,
      content,
      deleted: false,
      reactions: [],
    };
    this.stored.push(message);
    this.commit(message);
    return message;
  }

  send(member: string, content: string): StoredMessage {
    const nonce = `nonce-${content}`;
    const op = this.call(member, { do: 'send', thread, nonce, content });
    const message = this.place(member, nonce, content);
    this.answer(op, { message: shownAs(message) });
    this.show(message, 'new_message');
    return message;
  }

  edit(message: StoredMessage, content: string): void {
    const op = this.call(message.author, { do: 'edit', thread, message: message.id, content });
    message.content = content;
    this.commit(message);
    this.answer(op, { message: shownAs(message) });
    this.show(message, 'message_updated');
  }

  delete(message: StoredMessage): void {
    const op = this.call(message.author, { do: 'delete', thread, message: message.id });
    Object.assign(message, { deleted: true, content: '', reactions: [] });
    this.commit(message);
    this.answer(op, { message: shownAs(message) });
    this.show(message, 'message_deleted');
  }

  react(member: string, message: StoredMessage, emoji: string, on = true): void {
    const op = this.call(member, { do: 'react', thread, message: message.id, emoji, on });
    const others = message.reactions.flatMap((r) => (r.emoji === emoji ? r.members : [])).filter((id) => id !== member);
    const members = on ? [...others, member] : others;
    message.reactions = [...message.reactions.filter((r) => r.emoji !== emoji), ...(members.length > 0 ? [{ emoji, members }] : [])];
    this.commit(message);
    this.answer(op, { message: shownAs(message) });
    this.show(message, 'message_updated');
  }

  markRead(member: string, seq: number): void {
    const op = this.call(member, { do: 'mark_read', thread, seq });
    this.cursors.set(member, seq);
    this.answer(op, { read_seq: seq });
    for (const other of this.#members) this.add({ kind: 'receipt', at: this.tick(1), client: `client-${other}`, thread, member, seq });
  }

  remove(member: string, how: 'kick' | 'ban' | 'leave' = 'kick'): void {
    this.answer(this.call('mod', { do: 'remove', community, whom: member, how }));
    this.#members = this.#members.filter((other) => other !== member);
  }

  join(member: string): void {
    this.answer(this.call(member, { do: 'join', community, whom: member }));
    this.#members.push(member);
  }

  /** The slot goes to another node, in good order. */
  move(from: string, to: string): void {
    const at = this.tick();
    const address = `thread/${thread}`;
    this.add({ kind: 'activation', at, address, instance: from, epoch: this.epoch, on: false });
    this.epoch++;
    this.add({ kind: 'claimed', at, slot: 7, instance: to, epoch: this.epoch });
    this.add({ kind: 'activation', at, address, instance: to, epoch: this.epoch, on: true });
  }

  view(member: string, what: View['what'] = 'caught_up', pair?: number): void {
    const messages = this.stored.map(shownAs);
    const client = `client-${member}`;
    this.add({
      kind: 'view',
      at: this.tick(),
      client,
      member,
      thread,
      head_rev: this.#rev,
      what,
      ...(pair !== undefined && { pair }),
      messages,
    });
  }

  /** A copy that a test may change; everyone who is left has caught up. */
  end(): Told {
    for (const [pair, member] of this.#members.entries()) {
      this.view(member);
      this.view(member, 'applied', pair);
      this.view(member, 'fresh', pair);
    }
    const last = this.stored.length;
    const history: History = {
      title: 'a story',
      entries: this.entries,
      final: {
        messages: this.stored,
        cursors: [...this.cursors].map(([member, read_seq]) => ({ thread, member, read_seq, unread: last - read_seq })),
        indexed: this.stored.filter(({ deleted }) => !deleted).map(({ id }) => ({ thread, message: id })),
        notifications: this.stored.slice(0, 1).map(({ id }) => ({ member: 'bob', message: id, kind: 'mention' })),
        presence: [{ observer: 'ada', member: 'bob', believed: 'online', true: 'online' }],
        gauges: [{ name: 'heap', process: 'n1', base: 100, now: 105, slack: 10 }],
        defects: [],
        removalBoundMs: 10_000,
      },
    };
    return structuredClone(history) as Told;
  }
}

export const shownAs = (stored: StoredMessage): Message => {
  const { id, seq, rev, content, author, nonce } = stored;
  const created_at = '2026-01-01T00:00:00.000Z';
  if (stored.deleted) return { id, thread_id: thread, seq, rev, deleted_at: created_at };
  const reactions = stored.reactions.map(({ emoji, members }) => ({ emoji, count: members.length, me: false }));
  const rest = { edited_at: null, is_edited: false, reply_to: null, attachments: [], mentions: [] };
  return { id, thread_id: thread, seq, rev, content, author, nonce, created_at, reactions, ...rest } satisfies LiveMessage;
};

/** A little of everything that can happen to a thread. */
export const everything = (): Story => {
  const story = new Story('ada', 'bob', 'cyd');
  const first = story.send('ada', 'one');
  story.send('bob', 'two');
  story.edit(first, 'one, better');
  story.react('bob', first, '+1');
  story.react('cyd', first, '+1');
  story.react('bob', first, '+1', false);
  story.markRead('bob', 2);
  story.move('n1', 'n2');
  story.delete(story.send('ada', 'three'));
  story.markRead('bob', 3);
  story.remove('cyd');
  story.send('bob', 'four');
  return story;
};

import type { Message } from '../../src/protocol/resources.js';
import type { Act, Answer, AuthorityAct, Commit, Final, History, StoredMessage, View } from './history.js';
import type { Operation } from './operation.js';
import { stoodOtherwise } from './standing.js';

type Of<Do extends Act['do']> = Extract<Act, { do: Do }>;

/** A message as someone was shown it, wherever: in an event, a page, an answer or a view. */
export interface Shown {
  readonly at: number;
  /** Position in the history. */
  readonly entry: number;
  readonly client: string;
  readonly member: string;
  readonly thread: string;
  readonly by: 'event' | 'page' | 'answer' | 'view';
  readonly message: Message;
  /** The operation that was answered with it. */
  readonly operation?: Operation;
}

export const nonceKey = (thread: string, author: string, nonce: string): string => `${thread} ${author} ${nonce}`;

/** One reading of a history, put in order by what the invariants ask for: linear in its length but for the sorting of the store. */
export class Timeline {
  readonly entries: History['entries'];
  readonly final: Final;
  readonly operations: Operation[] = [];
  readonly sends = new Map<string, Operation<Of<'send'>>[]>();
  /** By message. */
  readonly edits = new Map<string, Operation<Of<'edit'>>[]>();
  readonly deletes = new Map<string, Operation<Of<'delete'>>[]>();
  /** By message, emoji and member. */
  readonly reactions = new Map<string, Operation<Of<'react'>>[]>();
  readonly marks: Operation<Of<'mark_read'>>[] = [];
  readonly settings: Operation<Of<'put_setting'>>[] = [];
  readonly removes: Operation<Of<'remove'>>[] = [];
  readonly joins: Operation<Of<'join'>>[] = [];
  /** What changes who views what. */
  readonly authority: Operation<AuthorityAct>[] = [];
  readonly shown: Shown[] = [];
  readonly views: { view: View; entry: number }[] = [];
  /** By thread, in the order in which the store carried them out. */
  readonly commits = new Map<string, { commit: Commit; entry: number }[]>();
  /** By id; of two under one id the first. */
  readonly stored = new Map<string, StoredMessage>();
  /** By thread, ascending by seq. */
  readonly threads = new Map<string, StoredMessage[]>();
  readonly memberOfClient = new Map<string, string>();

  constructor({ entries, final }: History) {
    this.entries = entries;
    this.final = final;
    const byOp = new Map<number, Operation>();
    for (const [entry, it] of entries.entries()) {
      switch (it.kind) {
        case 'call': {
          const operation: Operation = { act: it.act, call: it, calledAt: entry, answer: undefined, answeredAt: Number.POSITIVE_INFINITY };
          byOp.set(it.op, operation);
          this.memberOfClient.set(it.client, it.member);
          this.#sort(operation);
          break;
        }
        case 'answer':
          this.#answered(it, entry, byOp.get(it.op));
          break;
        case 'seen': {
          const { at, client, member, thread, message } = it;
          this.memberOfClient.set(client, member);
          this.shown.push({ at, entry, client, member, thread, by: it.by === 'page' ? 'page' : 'event', message });
          break;
        }
        case 'view': {
          const { at, client, member, thread } = it;
          this.memberOfClient.set(client, member);
          this.views.push({ view: it, entry });
          for (const message of it.messages) this.shown.push({ at, entry, client, member, thread, by: 'view', message });
          break;
        }
        case 'commit':
          push(this.commits, it.thread, { commit: it, entry });
          break;
      }
    }
    for (const operation of this.operations) operation.stoodOtherwise = stoodOtherwise(operation, this);
    for (const message of final.messages) {
      if (!this.stored.has(message.id)) this.stored.set(message.id, message);
      push(this.threads, message.thread, message);
    }
    for (const messages of this.threads.values()) messages.sort((a, b) => a.seq - b.seq);
  }

  #sort(operation: Operation): void {
    const { act, call } = operation;
    this.operations.push(operation);
    switch (act.do) {
      case 'send':
        push(this.sends, nonceKey(act.thread, call.member, act.nonce), operation as Operation<Of<'send'>>);
        break;
      case 'edit':
        push(this.edits, act.message, operation as Operation<Of<'edit'>>);
        break;
      case 'delete':
        push(this.deletes, act.message, operation as Operation<Of<'delete'>>);
        break;
      case 'react':
        push(this.reactions, `${act.message} ${act.emoji} ${call.member}`, operation as Operation<Of<'react'>>);
        break;
      case 'mark_read':
        this.marks.push(operation as Operation<Of<'mark_read'>>);
        break;
      case 'put_setting':
        this.settings.push(operation as Operation<Of<'put_setting'>>);
        break;
      case 'remove':
        this.removes.push(operation as Operation<Of<'remove'>>);
        break;
      case 'join':
        this.joins.push(operation as Operation<Of<'join'>>);
        break;
      default:
        this.authority.push(operation as Operation<AuthorityAct>);
    }
  }

  #answered(answer: Answer, entry: number, operation: Operation | undefined): void {
    if (!operation || operation.answer) return;
    operation.answer = answer;
    operation.answeredAt = entry;
    if (!answer.message || !('thread' in operation.act)) return;
    const { client, member } = operation.call;
    const { thread } = operation.act;
    this.shown.push({ at: answer.at, entry, client, member, thread, by: 'answer', message: answer.message, operation });
  }
}

export const push = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
};

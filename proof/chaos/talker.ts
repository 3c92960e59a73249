import { newNonce } from '../../src/client/index.js';
import { isDeleted } from '../../src/client/message-list.js';
import type { LiveMessage, Message } from '../../src/protocol/resources.js';
import { Person, type PersonParts } from './person.js';
import { below, oneOf } from './random.js';

const emojis = ['👍', '🎉', '👀'];
const words = ['lemma', 'tactic', 'proof', 'simp', 'goal', 'ring', 'induction', 'universe', 'instance', 'norm_num'];
/** Sends of one member under way; beyond it the member waits. */
const maxPending = 4;
const maxOwn = 40;

/**
 * A member who talks: sends, edits, deletes, reacts, reads, types, now and then by REST with a retry at another node.
 */
export class Talker extends Person {
  /** Mean ms between two actions. */
  readonly #paceMs: number;
  readonly #urls: readonly string[];
  readonly #names: () => readonly string[];
  readonly #own: LiveMessage[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pending = 0;
  #count = 0;
  #talking = false;

  constructor(name: string, parts: PersonParts, paceMs: number, names: () => readonly string[]) {
    super(name, parts);
    this.#paceMs = paceMs;
    this.#urls = parts.urls;
    this.#names = names;
  }

  get online(): boolean {
    return this.client.connection.state.phase === 'online';
  }

  start(): void {
    this.#talking = true;
    this.#schedule();
  }

  stop(): void {
    this.#talking = false;
    clearTimeout(this.#timer);
  }

  /** So many messages at once. */
  burst(count: number): void {
    for (let i = 0; i < count; i++) void this.#send();
  }

  #schedule(): void {
    if (!this.#talking) return;
    // Independent arrivals: exponential gaps, capped so that nobody falls silent.
    const wait = Math.min(4 * this.#paceMs, -Math.log(1 - this.parts.random()) * this.#paceMs);
    this.#timer = setTimeout(() => {
      this.#act();
      this.#schedule();
    }, wait);
  }

  #act(): void {
    const { random } = this.parts;
    const dice = random();
    if (this.client.connection.state.phase === 'closed') return;
    if (dice < 0.74) {
      if (this.#pending < maxPending) void this.#send();
    } else if (dice < 0.78) {
      if (this.#pending < maxPending) void this.#sendByRest();
    } else if (dice < 0.96) this.#change(dice);
    else if (dice < 0.98) this.#view().noteTyping();
    else if (dice < 0.99) void this.#set();
    else this.#quietly(this.client.emit('set_presence', { state: oneOf(random, ['online', 'idle', 'dnd']) }));
  }

  #change(dice: number): void {
    const { random } = this.parts;
    const own = this.#own.length > 0 ? oneOf(random, this.#own) : undefined;
    if (dice < 0.83 && own) {
      this.#quietly(this.client.emit('edit_message', { message_id: own.id, content: this.#text('edited') }));
    } else if (dice < 0.85 && own) {
      this.#own.splice(this.#own.indexOf(own), 1);
      this.#quietly(this.client.emit('delete_message', { message_id: own.id }));
    } else if (dice < 0.92) {
      const recent = this.#view()
        .state.messages.slice(-20)
        .filter((m) => !isDeleted(m));
      if (recent.length === 0) return;
      const target = oneOf(random, recent);
      const event = random() < 0.7 ? 'add_reaction' : 'remove_reaction';
      this.#quietly(this.client.emit(event, { message_id: target.id, emoji: oneOf(random, emojis) }));
    } else {
      const view = this.#view();
      const last = view.state.messages.at(-1);
      if (last) this.#quietly(this.client.emit('mark_read', { thread_id: view.threadId, seq: Math.max(0, last.seq - below(random, 3)) }));
    }
  }

  async #set(): Promise<void> {
    const setting = { key: `key${below(this.parts.random, 3)}`, value: this.#text('value') };
    await this.byRest({ do: 'put_setting', ...setting }, () => this.client.operations.putSetting(setting));
  }

  async #send(): Promise<void> {
    const { random, ledger } = this.parts;
    const view = this.#view();
    const last = view.state.messages.at(-1);
    const reply_to = last && !isDeleted(last) && random() < 0.03 ? last.id : undefined;
    this.#pending++;
    const sent = await ledger.send(
      view.threadId,
      () => this.client.send(view.threadId, { content: this.#text('said'), reply_to }),
      this.absence(),
    );
    this.#pending--;
    if (sent) this.#remember(sent);
  }

  /** To two nodes under one nonce, the second before or after the first has answered. */
  async #sendByRest(): Promise<void> {
    const { random, ledger } = this.parts;
    const thread = this.#view().threadId;
    const nonce = newNonce();
    const content = this.#text('posted');
    const first = below(random, this.#urls.length);
    const post = (shift: number): Promise<Message | undefined> =>
      this.byRest(
        { do: 'send', thread, nonce, content },
        () => this.postOnce(this.#urls[(first + shift) % this.#urls.length]!, thread, content, nonce),
        (message) => ({ message }),
      );
    this.#pending++;
    await ledger.send(thread, async () => {
      if (random() < 0.5) {
        const [one, two] = await Promise.all([post(0), post(1)]);
        if (one ?? two) return;
      }
      for (let attempt = 0; attempt < 6; attempt++) {
        if (await post(attempt)) return;
        await new Promise((resolve) => setTimeout(resolve, 500 * (attempt + 1)));
      }
      throw new Error('no node took it');
    });
    this.#pending--;
  }

  #view() {
    return oneOf(this.parts.random, [...this.views.values()]);
  }

  #text(verb: string): string {
    const { random } = this.parts;
    const mention = random() < 0.02 ? ` @${oneOf(random, this.#names())}` : '';
    return `${this.name} ${verb} ${++this.#count}: ${oneOf(random, words)} ${oneOf(random, words)}${mention}`;
  }

  #remember(message: Message): void {
    if (isDeleted(message)) return;
    this.#own.push(message);
    if (this.#own.length > maxOwn) this.#own.shift();
  }

  /** Its outcome is in the record; a member shrugs. */
  #quietly(doing: Promise<unknown>): void {
    doing.catch(() => undefined);
  }
}

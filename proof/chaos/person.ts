import { Fault, newNonce, ParleyClient, type ThreadView } from '../../src/client/index.js';
import type { Message } from '../../src/protocol/resources.js';
import { followLedgers } from '../history/followed-ledgers.js';
import type { Act, Answer } from '../history/history.js';
import type { Ledger } from './ledger.js';
import type { Random } from './random.js';
import type { Recorder } from './recorder.js';
import { recordingDial } from './recording-dial.js';
import { recordingFetch } from './recording-fetch.js';

export interface PersonParts {
  recorder: Recorder;
  ledger: Ledger;
  random: Random;
  /** The nodes, the person's own first. */
  urls: readonly string[];
}

const password = 'correct horse battery';

/** A member with the typed client, everything it does and sees recorded. */
export class Person {
  readonly name: string;
  readonly client: ParleyClient;
  /** The threads it follows, by id. */
  readonly views = new Map<string, ThreadView>();
  readonly parts: PersonParts;
  /** How often it has left the network. */
  #absences = 0;
  #away = false;
  /** What was asked by REST. */
  #asks = 0;

  constructor(name: string, parts: PersonParts) {
    this.name = name;
    this.parts = parts;
    const { recorder, ledger, random, urls } = parts;
    const dial = recordingDial(recorder, name, () => this.client.memberId, ledger.delivered);
    const member = (): string | null => this.client.memberId;
    const fetched = recordingFetch(recorder, name, member, () => {
      this.#asks++;
    });
    this.client = new ParleyClient({ urls, dial, random, fetch: fetched });
  }

  get id(): string {
    return this.client.memberId ?? '';
  }

  async signUp(): Promise<void> {
    const username = `${this.name}_${newNonce()
      .slice(0, 8)
      .replace(/[^A-Za-z0-9]/g, 'x')}`;
    await this.client.register({ username, email: `${username}@example.org`, password });
    const { recorder } = this.parts;
    const told = { kind: 'ledger', client: this.name, member: this.id } as const;
    followLedgers(this.client, this.id, (known) => recorder.add({ at: recorder.now(), ...told, ...known }));
    await this.client.connect(20_000);
  }

  async follow(thread: string): Promise<void> {
    const view = this.client.openThread(thread);
    this.views.set(thread, view);
    await view.ready();
  }

  /** A change by REST, recorded as one call whatever the client repeats. `of`: what of its answer is recorded. */
  async byRest<T>(act: Act, run: () => Promise<T>, of?: (answer: T) => Pick<Answer, 'message' | 'thread'>): Promise<T | undefined> {
    const { recorder } = this.parts;
    const op = recorder.call(`${this.name}/rest`, this.id, act);
    const before = this.#asks;
    const again = () => (this.#asks > before + 1 ? { again: true } : {});
    try {
      const answer = await run();
      recorder.answer(op, 'ok', { ...of?.(answer), ...again() });
      return answer;
    } catch (thrown) {
      const { code } = Fault.from(thrown);
      // `unavailable` may be the connection's end as well as the server's word: then nobody knows.
      recorder.answer(op, code === 'timeout' || code === 'unavailable' ? 'unknown' : 'refused', { code, ...again() });
      return undefined;
    }
  }

  /** One attempt at one node's REST door; rejects with a Fault. */
  async postOnce(url: string, thread: string, content: string, nonce: string): Promise<Message> {
    const token = await this.client.session.token();
    let response: Response;
    try {
      response = await fetch(`${url}/api/messages/thread/${thread}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ content, nonce }),
        signal: AbortSignal.timeout(8_000),
      });
      const body = (await response.json()) as Message & { code?: 'unavailable' };
      if (!response.ok) throw new Fault(body.code ?? 'unavailable');
      return body;
    } catch (thrown) {
      throw thrown instanceof Fault ? thrown : new Fault('timeout', undefined, {}, thrown);
    }
  }

  /** Off the network for a while; what it follows is caught up with when it is back. */
  goOffline(): void {
    this.#absences++;
    this.#away = true;
    this.client.connection.stop();
  }

  comeBack(): void {
    this.#away = false;
    this.client.connection.start();
  }

  /** Answers, whenever it is asked, whether this person has been off the network since this call. */
  absence(): () => boolean {
    const before = this.#away ? -1 : this.#absences;
    return () => this.#absences !== before;
  }

  close(): void {
    this.client.close();
  }
}

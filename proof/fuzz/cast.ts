import { ParleyClient } from '../../src/client/index.js';
import type { LiveMessage } from '../../src/protocol/resources.js';

export const parts = ['owner', 'member', 'stranger', 'nobody'] as const;
export type Part = (typeof parts)[number];
type Somebody = Exclude<Part, 'nobody'>;

const password = 'correct horse battery';
let count = 0;

/** Those as whom is asked, and what there is to ask for: new in each round, since a round may delete all of it. */
export class Cast {
  readonly #url: string;
  readonly #people: Map<Somebody, ParleyClient>;
  readonly #tokens: Map<Somebody, string>;
  /** Ids of everything by its kind, one's own and others'; each kind has some that are of another kind, or of nothing. */
  readonly #ids: Readonly<Record<string, readonly string[]>>;

  private constructor(
    url: string,
    people: Map<Somebody, ParleyClient>,
    tokens: Map<Somebody, string>,
    ids: Record<string, readonly string[]>,
  ) {
    this.#url = url;
    this.#people = people;
    this.#tokens = tokens;
    this.#ids = ids;
  }

  static async enter(url: string): Promise<Cast> {
    const people = new Map<Somebody, ParleyClient>();
    for (const part of ['owner', 'member', 'stranger'] as const) people.set(part, await signUp(url, part));
    const ids: Record<string, string[]> = { community: [], thread: [], message: [], member: [] };
    for (const [by, isPublic] of [
      ['owner', true],
      ['stranger', false],
    ] as const) {
      const client = people.get(by)!;
      const community = await client.operations.createCommunity({ name: `c ${++count} ${Date.now()}` });
      if (by === 'owner') await people.get('member')!.operations.joinAsMember({ community_id: community.id });
      if (!isPublic) await client.operations.updateCommunity({ community_id: community.id, is_public: false });
      const thread = await client.operations.createThread({ community_id: community.id, title: 'A thread' });
      const params = { thread_id: thread.id };
      const first = (await client.operations.sendMessage({ ...params, content: 'first' })) as LiveMessage;
      const answer = (await client.operations.sendMessage({ ...params, content: '**second**', reply_to: first.id })) as LiveMessage;
      ids.community!.push(community.id);
      ids.thread!.push(thread.id);
      ids.message!.push(first.id, answer.id);
      ids.member!.push(client.memberId!);
    }
    ids.member!.push(people.get('member')!.memberId!);
    const tokens = new Map<Somebody, string>();
    for (const [part, client] of people) tokens.set(part, (await client.session.token())!);
    return new Cast(url, people, tokens, ids);
  }

  /** For a field of this name: `thread_id` has mostly threads, the owner's community more often than the stranger's. */
  idsFor(name: string): readonly string[] {
    const kind = { reply_to: 'message', author: 'member' }[name] ?? name.replace(/_ids?$/, '');
    const all = [...Object.values(this.#ids).flat(), 'f'.repeat(24)];
    const own = this.#ids[kind] ?? all;
    return [...own, ...own, ...own.slice(0, 1), ...own.slice(0, 1), ...all.slice(0, 2), 'f'.repeat(24)];
  }

  token(part: Part): string | null {
    return part === 'nobody' ? null : (this.#tokens.get(part) ?? null);
  }

  /** Somebody else in this part, whose session was ended by what was asked. */
  async replace(part: Part): Promise<void> {
    if (part === 'nobody') return;
    // With limits on there may be no more accounts for now.
    const client = await signUp(this.#url, part).catch(() => undefined);
    const token = await client?.session.token();
    if (!client || !token) return;
    this.#people.get(part)?.close();
    this.#people.set(part, client);
    this.#tokens.set(part, token);
  }

  leave(): void {
    for (const client of this.#people.values()) client.close();
  }
}

const signUp = async (url: string, name: string): Promise<ParleyClient> => {
  const client = new ParleyClient({ urls: [url] });
  const username = `${name}_${process.pid.toString(36)}${(count++).toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  await client.register({ username, email: `${username}@example.org`, password });
  return client;
};

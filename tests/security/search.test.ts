import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import type { TestNode } from '../cluster/harness.js';
import { found } from '../cluster/people.js';
import { until } from '../until.js';
import { Bystander } from './bystander.js';
import { idOf, say, Trio } from './trio.js';

const aWord = (): string => `w${Math.random().toString(36).slice(2, 10)}`;

describe('search', () => {
  let trio: Trio;
  let owner: ParleyClient;
  let member: ParleyClient;
  let stranger: ParleyClient;
  let bystander: Bystander;

  beforeAll(async () => {
    trio = await Trio.meet();
    ({ owner, member, stranger } = trio);
    bystander = await Bystander.on(trio.cluster.nodes[0] as TestNode);
  });
  afterAll(async () => {
    bystander?.close();
    await trio?.part();
  });

  const get = async (by: ParleyClient, path: string) => {
    const { status, text, body } = await trio.rest(by, 'GET', path);
    return { status, text, body: body as { items: unknown[]; next_cursor: string | null } };
  };
  const search = (by: ParleyClient, query: string) => get(by, `/messages/search?${query}`);

  it('55 a search costs what is read, whatever texts and question repeat, and others go on', async () => {
    const { community, thread } = await found(owner, [member]);
    const texts = ['ж '.repeat(4_990), 'ж.'.repeat(4_990), 'aB'.repeat(4_990), '定'.repeat(9_990)];
    for (let at = 0; at < 40; at++) await say(owner, thread.id, texts[at % 4]!);
    const marker = aWord();
    await say(owner, thread.id, marker);
    await until('the last text to be found', async () => (await search(member, `q=${marker}`)).body.items?.length === 1);
    const questions = [
      'ж '.repeat(100).trim(),
      '"ж" '.repeat(50).trim(),
      `ж ${'-ж '.repeat(60)}`.trim(),
      `"${'ж '.repeat(98).trim()}"`,
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => `"${'ж '.repeat(n).trim()}"`).join(' '),
      'ж.'.repeat(99),
      '定'.repeat(200),
      'a b ab '.repeat(25).trim(),
    ];
    for (const q of questions) {
      expect(q.length).toBeLessThanOrEqual(200);
      const asked = Array.from({ length: 12 }, (_, n) =>
        search(n % 2 ? owner : member, `q=${encodeURIComponent(q)}&limit=3&community_id=${community.id}`),
      );
      await bystander.isUnharmed();
      for (const answer of await Promise.all(asked)) expect([200, 503]).toContain(answer.status);
    }
    await bystander.isUnharmed();
  });

  it('56 cursors, counts and places tell nothing of what is hidden', async () => {
    const word = aWord();
    const own = await found(stranger);
    const shared = await found(owner, [stranger]);
    const secret = await found(owner, [member], { is_public: false });
    const left = await found(owner, [stranger], { is_public: false });
    await stranger.operations.leaveAsMember({ community_id: left.community.id });
    await say(stranger, own.thread.id, `${word} once`);
    await say(owner, shared.thread.id, `${word} twice`);
    await until('what one may see to be found', async () => (await search(stranger, `q=${word}`)).body.items?.length === 2);
    const pages = async (path: string): Promise<unknown[]> => {
      const all: unknown[] = [];
      for (let cursor = ''; ; ) {
        const { status, body } = await get(stranger, `${path}limit=1${cursor}`);
        expect(status).toBe(200);
        all.push(JSON.parse(JSON.stringify(body, (key, value: unknown) => (key === 'score' || key === 'presence' ? undefined : value))));
        if (body.next_cursor === null || all.length > 50) return all;
        cursor = `&cursor=${encodeURIComponent(body.next_cursor)}`;
      }
    };
    const paths = [
      `/messages/search?q=${word}&`,
      `/messages/search?q=${word}&author=${idOf(owner)}&`,
      `/messages/search?q=${word}&community_id=${own.community.id}&`,
      `/threads/search?q=${word}&`,
      `/members/${idOf(owner)}/activity?`,
      `/members/${idOf(owner)}/communities?`,
      `/communities/${shared.community.id}/members?`,
      `/threads/community/${shared.community.id}?`,
      `/messages/thread/${shared.thread.id}?`,
      '/communities?mine=true&',
      '/notifications?',
    ];
    // A thread's figures follow its messages within seconds.
    const listed = async (): Promise<boolean> => {
      const { body } = await get(stranger, `/threads/community/${shared.community.id}?limit=1`);
      return (body.items as { last_seq: number }[])[0]?.last_seq === 1;
    };
    await until('the list of threads to know what was said', listed);
    const before = await Promise.all(paths.map(pages));
    expect(before[0]).toHaveLength(2);
    expect(before[2]).toMatchObject([{ next_cursor: null }]);
    // The same words in places that the stranger may not see, newer than all that there is.
    for (const hidden of [secret, left]) {
      const { community } = hidden;
      const thread = await owner.operations.createThread({ community_id: community.id, title: `${word} plans` });
      for (let n = 0; n < 5; n++) await say(owner, n % 2 ? thread.id : hidden.thread.id, `${word} ${word} ${n}`);
    }
    await until('the hidden words to be found by their owner', async () => (await search(owner, `q=${word}`)).body.items?.length === 11);
    expect(await Promise.all(paths.map(pages))).toEqual(before);
  });

  it('69 a text that was edited out or deleted is not found, and not shown, from that moment on', async () => {
    const { thread, community } = await found(owner, [member]);
    for (let round = 0; round < 5; round++) {
      const [secret, kept] = [aWord(), aWord()];
      const edited = await say(owner, thread.id, `${kept} and ${secret}`);
      const deleted = await say(owner, thread.id, `${kept} with ${secret}`);
      const plan = await owner.operations.createThread({ community_id: community.id, title: `${kept} ${secret}` });
      await until('the words to be found', async () => {
        const threads = await get(member, `/threads/search?q=${secret}`);
        return (await search(member, `q=${secret}`)).body.items?.length === 2 && threads.body.items?.length === 1;
      });
      await owner.operations.editMessage({ message_id: edited.id, content: `${kept} and nothing` });
      await owner.operations.deleteMessage({ message_id: deleted.id });
      await owner.operations.updateThread({ thread_id: plan.id, title: `${kept} nothing` });
      // At once, while the index may still follow.
      for (const path of [`/messages/search?q=${secret}`, `/threads/search?q=${secret}`, `/messages/search?q=${kept} ${secret}`]) {
        const gone = await get(member, encodeURI(path));
        expect(gone.body).toEqual({ items: [], next_cursor: null });
      }
      const still = await search(member, `q=${kept}&limit=1`);
      expect(still.text).not.toContain(secret);
      expect(still.body).toMatchObject({ items: [{ snippet: `«${kept}» and nothing`, message: { id: edited.id } }], next_cursor: null });
    }
  });
});

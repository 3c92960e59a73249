import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { password } from '../cluster/people.js';
import { openBrowser, Person } from './page.js';

/** The longest that may be said, of what once held a page up for seconds; and others of which a page must not make too much. */
const hostile = [
  `${'ahttp://'.repeat(60)}${'])}'.repeat(500)}`.repeat(5),
  '*['.repeat(5_000),
  '> - a\n'.repeat(1_650),
  '*a* '.repeat(2_500),
  `${'|a'.repeat(1_200)}\n${'|-'.repeat(1_200)}\n${'|\n'.repeat(2_500)}`.slice(0, 10_000),
  '[x](https://a.example) '.repeat(430),
];

const written = [
  '# What we need\nSome **bold**, *italic*, ~~struck~~ and `code`, in one line.\nAnd @nobody, and a [named link](https://example.org/a).',
  '1. First\n2. Second\n   - with a point\n   - and another\n3. Third',
  '> A quote\n> of two lines\n\nand an answer: ![a cat](https://example.org/cat.png)',
  '| Cat | Age | Likes |\n|:----|----:|:-----:|\n| Whiskers | 7 | **fish** |\n| Tom | 12 | `milk` |',
  '```js\nconst answer = 42; // in a box that scrolls when it is as wide as this line, which goes on and on, past the edge of the column\n```',
];

describe('texts on the page', () => {
  let cluster: TestCluster;
  let browser: Browser;
  let ann: Person;
  let bob: Person;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    browser = await openBrowser();
    ann = await Person.signUp(browser, cluster.urls[0]!, 'Ann');
    bob = await Person.signUp(browser, cluster.urls[0]!, 'Bob', { colorScheme: 'dark' });
    await ann.found(`Texts ${Math.random().toString(36).slice(2, 8)}`);
    await ann.begin('How it looks');
  });

  afterAll(async () => {
    await browser?.close();
    await cluster?.stop();
  }, 60_000);

  it('are drawn in their shapes', async () => {
    for (const text of written) await ann.say(text);
    const log = ann.page.getByRole('log');
    await log.getByText('const answer').waitFor();
    await ann.page.getByText('Sending…').first().waitFor({ state: 'detached' });
    expect(await log.getByRole('table').getByRole('cell').allInnerTexts()).toEqual(['Whiskers', '7', 'fish', 'Tom', '12', 'milk']);
    expect(await log.locator('ol > li').count()).toBe(3);
    expect(await log.locator('ol ul > li').allInnerTexts()).toEqual(['with a point', 'and another']);
    expect(await log.locator('blockquote').textContent()).toBe('A quote\nof two lines');
    expect(await log.getByRole('link', { name: 'a cat' }).getAttribute('href')).toBe('https://example.org/cat.png');
    expect(await log.getByRole('link', { name: 'named link' }).getAttribute('rel')).toBe('noopener noreferrer nofollow');
    expect(await log.locator('img').count()).toBe(0);
    expect(await ann.overflow()).toBe(0);
  });

  it('that were written to hold a page up do not', async () => {
    const [, community, thread] = /\/c\/(\w+)\/t\/(\w+)/.exec(ann.page.url())!;
    const writer = await ann.client();
    for (const content of hostile)
      await writer.operations.sendMessage({ thread_id: thread!, content, nonce: `n${content.length}${content[0]}` });
    const reader = await bob.client();
    await reader.operations.joinAsMember({ community_id: community! });
    await bob.page.goto(ann.page.url());
    await bob.page.getByRole('log').getByRole('link', { name: 'x' }).first().waitFor();
    // The page is alive: it takes what is typed, and shows what comes.
    await bob.say('Still here');
    await bob.sees('Still here');
    await ann.sees('Still here');
    expect(await bob.page.getByRole('log').locator('.rich-text *').count()).toBeLessThan(12_000);
    expect(await bob.overflow()).toBe(0);
    expect([...ann.complaints, ...bob.complaints]).toEqual([]);
  });

  it('mark who is mentioned, by the name of today, also in the opening text', async () => {
    const [, community] = /\/c\/(\w+)\/t\/(\w+)/.exec(ann.page.url())!;
    const [writer, other] = await Promise.all([ann.client(), bob.client()]);
    await other.operations.joinAsMember({ community_id: community! });
    const content = `For _@${bob.username}_ and @nobody`;
    const { id } = await writer.operations.createThread({ community_id: community!, title: 'Who is meant', content });
    await writer.operations.sendMessage({ thread_id: id, content: `Not \`@${bob.username}\`, but @${bob.username}. 你好@${ann.username}` });
    const marked = (person: Person) => person.page.getByRole('log').locator('.mention').allInnerTexts();
    await bob.page.goto(`${cluster.urls[0]}/c/${community}/t/${id}`);
    await bob.page.getByRole('log').locator('article .mention').first().waitFor();
    expect(await marked(bob)).toEqual([`@${bob.username}`, `@${bob.username}`, `@${ann.username}`]);
    expect(await bob.page.getByRole('log').locator('.mention-own').count()).toBe(2);

    const now = `${bob.username}-new`;
    await other.operations.updateMember({ member_id: other.session.memberId!, username: now, password });
    await ann.page.goto(bob.page.url());
    await ann.page.getByRole('log').getByText(`@${now}`).last().waitFor();
    expect(await marked(ann)).toEqual([`@${now}`, `@${now}`, `@${ann.username}`]);
  });
});

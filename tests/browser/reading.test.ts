import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import type { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { signUpAndConnect } from '../cluster/people.js';
import { until } from '../until.js';
import { openBrowser, Person } from './page.js';

/** Further from the end than a reader would be brought page by page. */
const far = 2_600;

/** One reader; each test goes on where the one before it ended. */
describe('reading a thread', () => {
  let cluster: TestCluster;
  let browser: Browser;
  let writer: ParleyClient;
  let reader: Person;
  let own: ParleyClient;
  let communityId: string;
  const threads = new Map<string, string>();

  /** A thread of so many messages that the reader has read up to somewhere. */
  const begin = async (title: string, count: number, readSeq: number): Promise<void> => {
    const { id } = await writer.operations.createThread({ community_id: communityId, title });
    threads.set(title, id);
    for (let i = 1; i <= count; i += 1) {
      const sent = writer.send(id, { content: `message ${i}\n\nand more of it` });
      if (i % 50 === 0 || i === count) await sent;
    }
    if (readSeq > 0) await own.emit('mark_read', { thread_id: id, seq: readSeq });
  };

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    browser = await openBrowser();
    writer = await signUpAndConnect(cluster.urls, 'writer');
    communityId = (await writer.operations.createCommunity({ name: 'Reading' })).id;
    reader = await Person.signUp(browser, cluster.urls[0]!, 'Reader');
    await reader.join('Reading');
    own = await reader.client();
    await own.connect();
    await begin('Some unread', 60, 30);
    await begin('Much unread', 300, 100);
    await begin('Very long', far, 0);
    await begin('More of it', 40, 10);
  });

  afterAll(async () => {
    own?.close();
    writer?.close();
    await browser?.close();
    await cluster?.stop();
  }, 60_000);

  const log = () => reader.page.getByRole('log');
  const link = (title: string) => reader.page.getByRole('link', { name: title });
  const unreadOf = (title: string): Promise<string> =>
    link(title)
      .locator('.badge')
      .allInnerTexts()
      .then(([text]) => text?.replace(/\s+/g, ' ').trim() ?? '');
  /** The first row in view, where it stands, and the last one whose end is in view. */
  const inView = () =>
    log().evaluate((el) => {
      const rows = [...el.querySelectorAll<HTMLElement>('[data-seq]')];
      const first = rows.find((row) => row.offsetTop + row.offsetHeight > el.scrollTop);
      const last = rows.findLast((row) => row.offsetTop + row.offsetHeight <= el.scrollTop + el.clientHeight + 1);
      return { first: Number(first?.dataset.seq), at: Math.round((first?.offsetTop ?? 0) - el.scrollTop), last: Number(last?.dataset.seq) };
    });
  const isInView = async (what: Locator): Promise<boolean> => {
    const [frame, box] = [await log().boundingBox(), await what.boundingBox()];
    return frame !== null && box !== null && box.y >= frame.y && box.y + box.height <= frame.y + frame.height + 1;
  };
  const isAtEnd = () => log().evaluate((el) => Math.round(el.scrollHeight - el.scrollTop - el.clientHeight) < 2);
  const wheelUntil = async (what: string, by: number, holds: () => Promise<boolean>): Promise<void> => {
    await log().hover();
    await until(what, async () => {
      if (await holds()) return true;
      await reader.page.mouse.wheel(0, by);
      await reader.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      return false;
    });
  };

  it('begins at the first unread message, under a line, and counts as read what came into view', async () => {
    await reader.openThread('Some unread');
    const line = log().getByText('New', { exact: true });
    await line.waitFor();
    await until('the first unread message to be in view', () => isInView(reader.message('message 31')));
    expect(await isInView(line)).toBe(true);
    const { first, last } = await inView();
    expect([first <= 31, last > 31, last < 55]).toEqual([true, true, true]);
    await until('what is not seen to stay unread', async () => (await unreadOf('Some unread')) === `${60 - last} unread`);
    expect(await isAtEnd()).toBe(false);
  });

  it('stays where one reads when messages come', async () => {
    const before = await inView();
    for (let i = 1; i <= 3; i++) {
      await writer.send(threads.get('Some unread')!, { content: `news ${i}` });
      await reader.page.getByRole('button', { name: `${60 - before.last + i} new messages` }).waitFor();
      expect(await inView()).toEqual(before);
    }
    await until('the list to count them', async () => (await unreadOf('Some unread')) === `${63 - before.last} unread`);
    expect(await inView()).toEqual(before);
  });

  it('reads on as one scrolls, and everything at the end, where one stays', async () => {
    const before = await inView();
    await wheelUntil('some more to come into view', 100, async () => (await inView()).last > before.last + 3);
    await until('it to count as read', async () => (await unreadOf('Some unread')) === `${63 - (await inView()).last} unread`);
    await wheelUntil('the end', 400, isAtEnd);
    await until('all to be read', async () => (await unreadOf('Some unread')) === '');
    await writer.send(threads.get('Some unread')!, { content: `at the end\n\n${'a long text '.repeat(200)}` });
    await reader.sees('at the end');
    await until('the end to be shown again', isAtEnd);
    await until('all to be read again', async () => (await unreadOf('Some unread')) === '');
  });

  it('begins at the first unread message though it is not among the newest', async () => {
    await reader.openThread('Much unread');
    await until(
      'the first unread message to be in view',
      async () => (await reader.message('message 101').count()) > 0 && isInView(reader.message('message 101')),
    );
    expect(await isInView(log().getByText('New', { exact: true }))).toBe(true);
    const before = await inView();
    await until(
      'the rest to stay unread',
      async () => (await own.operations.getThread({ thread_id: threads.get('Much unread')! })).me?.read_seq === before.last,
    );
    await writer.send(threads.get('Much unread')!, { content: 'news' });
    await until('the news to be known', async () => (await link('Much unread').filter({ hasText: '301 messages' }).count()) > 0);
    expect(await inView()).toEqual(before);
    await wheelUntil('the end', 900, async () => (await reader.message('news').count()) > 0 && isAtEnd());
    await until('all to be read', async () => (await unreadOf('Much unread')) === '');
  });

  it('shows a message that a link names far from the end by one request, and reads on from there', async () => {
    const { page } = reader;
    const asked: string[] = [];
    page.on('request', (request) => {
      if (/\/messages\/thread\/\w+\?/.test(request.url())) asked.push(new URL(request.url()).search);
    });
    await page.goto(`${reader.url}/c/${communityId}/t/${threads.get('Very long')}?m=200`);
    await reader.sees('message 200');
    await until('the message to be in view', () => isInView(reader.message('message 200')));
    expect(asked.filter((query) => query.includes('around_seq=200'))).toHaveLength(1);
    expect(asked.length).toBeLessThan(4);
    await wheelUntil('what stands above', -600, async () => (await reader.message('message 120').count()) > 0);
    await wheelUntil('what stands below', 600, async () => (await reader.message('message 320').count()) > 0);
    // What was jumped over is unread, and what is shown lives.
    expect((await own.operations.getThread({ thread_id: threads.get('Very long')! })).me?.read_seq).toBe(0);
    const { items } = await writer.operations.listMessages({ thread_id: threads.get('Very long')!, around_seq: 320, limit: 1 });
    await writer.operations.editMessage({ message_id: items[0]!.id, content: 'edited far away' });
    await log().getByText('edited far away').waitFor();
    await page.getByRole('button', { name: /new messages|Jump to newest/ }).click();
    await reader.sees(`message ${far}`);
    await until('the end to be shown', isAtEnd);
  });

  it('says so when the message of a link is not there', async () => {
    const { page } = reader;
    await page.goto(`${reader.url}/c/${communityId}/t/${threads.get('Very long')}?m=${far + 500}`);
    await page.getByText('The message that the link names is not in this thread.').waitFor();
    await reader.sees(`message ${far}`);
  });

  it('asks before deleting where it can be seen, at the end and at the edge', async () => {
    const { page } = reader;
    for (let i = 1; i <= 25; i++) await own.send(threads.get('Some unread')!, { content: `mine ${i}` });
    await reader.openThread('Some unread');
    await reader.sees('mine 25');
    await until('the end to be shown', isAtEnd);
    const question = log().getByText('Delete this message?');
    /** Pressed without the scrolling that a test's click brings about by itself. */
    const press = (row: Locator, name: string) =>
      row.evaluate((el, label) => el.querySelector<HTMLElement>(`[aria-label="${label}"]`)?.click(), name);
    await press(reader.message('mine 25'), 'Delete');
    await question.waitFor();
    await until('the question to be in view', () => isInView(question));
    await page.getByRole('button', { name: 'Keep' }).click();
    // With a row cut off by the lower edge.
    const cut = await log().evaluate((el) => {
      const rows = [...el.querySelectorAll<HTMLElement>('[data-seq]')];
      const row = rows.at(-6)!;
      el.scrollTop = row.offsetTop + row.offsetHeight - el.clientHeight - 8;
      return row.dataset.seq;
    });
    await press(log().locator(`[data-seq="${cut}"]`), 'Delete');
    await until('the question to be in view', () => isInView(question));
    await page.getByRole('button', { name: 'Keep' }).click();
    await press(log().locator(`[data-seq="${cut}"]`), 'Edit');
    await until('the buttons of the edit to be in view', () => isInView(log().getByRole('button', { name: 'Save' })));
    await log().getByRole('button', { name: 'Cancel' }).click();
    await press(reader.message('mine 25'), 'React');
    await until('the reactions to be in view', () => isInView(log().getByRole('group', { name: 'Choose a reaction' })));
  });

  it('keeps what was read in a tab that is closed at once', async () => {
    const id = threads.get('More of it')!;
    const readSeq = async () => (await own.operations.getThread({ thread_id: id })).me?.read_seq ?? 0;
    const tab = await reader.context.newPage();
    await tab.goto(`${reader.url}/c/${communityId}/t/${id}`);
    await tab.getByRole('link', { name: 'More of it' }).locator('.badge').filter({ hasNotText: '30' }).waitFor();
    await tab.close();
    await until('it to be read on the server', async () => (await readSeq()) > 10);
    expect(await readSeq()).toBeLessThan(40);
  });

  it('marks as read by a button: a thread, a community, everything', async () => {
    const { page } = reader;
    await reader.openThread('More of it');
    await page.getByRole('button', { name: 'Mark as read', exact: true }).click();
    await until('the thread to be read', async () => (await unreadOf('More of it')) === '');
    const others = await writer.operations.createCommunity({ name: 'Elsewhere' });
    await own.operations.joinAsMember({ community_id: others.id });
    const { id } = await writer.operations.createThread({ community_id: others.id, title: 'Over there' });
    await writer.send(id, { content: 'unread' });
    for (const title of ['More of it', 'Much unread']) await writer.send(threads.get(title)!, { content: 'unread' });
    const params = { community_id: communityId };
    // Where a thread stands is stored some moments later.
    await until('the list to know what is unread', async () => {
      const { items } = await own.operations.listThreads(params);
      const known = items.map(({ title, last_seq }) => `${title} ${last_seq}`);
      return known.includes('More of it 41') && known.includes('Much unread 302') && (await page.locator('.threads .badge').count()) === 2;
    });
    await page.getByRole('button', { name: 'Mark community as read' }).click();
    await until('the community to be read', async () => (await page.locator('.threads .badge').count()) === 0);
    const isRead = async (): Promise<boolean> => (await own.operations.getThread({ thread_id: id })).me?.unread_count === 0;
    expect(await isRead()).toBe(false);
    await page.getByRole('button', { name: 'Mark everything read' }).click();
    await until('everything to be read', isRead);
    expect(reader.complaints).toEqual([]);
  });
});

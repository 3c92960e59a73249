import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { signUpAndConnect } from '../cluster/people.js';
import { until } from '../until.js';
import { openBrowser, Person } from './page.js';

/** A thread with more messages than are drawn at a time. */
const total = 420;

describe('a long thread', () => {
  let cluster: TestCluster;
  let browser: Browser;
  let writer: ParleyClient;
  let threadId: string;
  let reader: Person;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    browser = await openBrowser();
    writer = await signUpAndConnect(cluster.urls, 'writer');
    const community = await writer.operations.createCommunity({ name: 'Long talks' });
    threadId = (await writer.operations.createThread({ community_id: community.id, title: 'Going on' })).id;
    for (let i = 1; i <= total; i++) await writer.send(threadId, { content: `message ${i}` });
    reader = await Person.signUp(browser, cluster.urls[0]!, 'Reader');
    await reader.join('Long talks');
    // Whoever has read it all begins at the end.
    const own = await reader.client();
    await own.connect();
    await own.emit('mark_read', { thread_id: threadId, seq: total });
    own.close();
    await reader.openThread('Going on');
  });

  afterAll(async () => {
    writer?.close();
    await browser?.close();
    await cluster?.stop();
  }, 60_000);

  const log = () => reader.page.getByRole('log');
  /** The row at the top of what is to be seen, and how far below the top it stands. */
  const topRow = () =>
    log().evaluate((el) => {
      const rows = [...el.querySelectorAll<HTMLElement>('[data-seq]')];
      const row = rows.find((one) => one.offsetTop + one.offsetHeight > el.scrollTop);
      return { seq: Number(row?.dataset.seq), at: (row?.offsetTop ?? 0) - el.scrollTop, rows: rows.length, top: el.scrollTop };
    });

  it('scrolls up through all of it without a jump, and draws some hundred messages at most', async () => {
    const { page } = reader;
    await reader.sees(`message ${total}`);
    await log().hover();
    let before = await topRow();
    let most = 0;
    const jumps: string[] = [];
    for (let i = 0; i < 400 && before.seq > 1; i++) {
      await page.mouse.wheel(0, -250);
      await page.waitForTimeout(40);
      const now = await topRow();
      most = Math.max(most, now.rows);
      // Upwards only, and never further than the wheel turned (a row is 20 px high or more).
      if (now.seq > before.seq || before.seq - now.seq > 20) jumps.push(`${before.seq} to ${now.seq}`);
      before = now;
    }
    expect(jumps).toEqual([]);
    expect(before.seq).toBe(1);
    expect(most).toBeLessThanOrEqual(300);
  });

  it('stays in its place while messages come, says so, and leads to them', async () => {
    const before = await topRow();
    await writer.send(threadId, { content: 'news' });
    await reader.page.getByRole('button', { name: '1 new message' }).waitFor();
    expect(await topRow()).toMatchObject({ seq: before.seq, at: before.at });
    await reader.page.getByRole('button', { name: '1 new message' }).click();
    await reader.sees('news');
    const isAtEnd = () => log().evaluate((el) => Math.round(el.scrollHeight - el.scrollTop - el.clientHeight) < 2);
    await until('the end of the log to be shown', isAtEnd);
    await writer.send(threadId, { content: 'followed' });
    await reader.sees('followed');
    await until('the end of the log to be shown again', isAtEnd);
  });

  it('opens at a message that the address names', async () => {
    const { page } = reader;
    await page.goto(`${page.url().split('?')[0]}?m=37`);
    await reader.sees('message 37');
    await page.waitForTimeout(300);
    const row = await reader.message('message 37').boundingBox();
    expect(row !== null && row.y > 0 && row.y < 800).toBe(true);
    expect(reader.complaints).toEqual([]);
  });
});

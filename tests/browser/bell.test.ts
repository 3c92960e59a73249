import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { found, signUpAndConnect } from '../cluster/people.js';
import { openBrowser, Person } from './page.js';

/** One at the page, who is mentioned by another in two threads. */
describe('the bell of the page', () => {
  let cluster: TestCluster;
  let browser: Browser;
  let ann: ParleyClient;
  let bob: Person;
  let busy: string;
  let quiet: string;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    browser = await openBrowser();
    ann = await signUpAndConnect(cluster.urls);
    bob = await Person.signUp(browser, cluster.urls[0]!, 'Bob');
    const client = await bob.client();
    const { community, thread } = await found(ann, [client]);
    client.close();
    busy = thread.id;
    quiet = (await ann.operations.createThread({ community_id: community.id, title: 'Quiet' })).id;
  });
  afterAll(async () => {
    ann?.close();
    await browser?.close();
    await cluster?.stop();
  }, 60_000);

  const mention = async (thread_id: string, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) ids.push((await ann.operations.sendMessage({ thread_id, content: `@${bob.username} ${i}` })).id);
    return ids;
  };
  const bell = (name: string) => bob.page.getByRole('button', { name, exact: true });
  const dialog = () => bob.page.getByRole('dialog', { name: 'Notifications' });

  it('counts and shows all that there are, by pages, and no ghosts', async () => {
    const ghost = (await mention(busy, 60))[58];
    await mention(quiet, 1);
    await bell('Notifications, 61 unread').waitFor();
    await bob.page.reload();
    await bell('Notifications, 61 unread').click();
    await dialog().getByRole('link').nth(49).waitFor();
    expect(await dialog().getByRole('link').count()).toBe(50);
    await dialog().getByRole('button', { name: 'More notifications' }).click();
    await dialog().getByRole('link').nth(60).waitFor();
    expect(await dialog().getByRole('button', { name: 'More notifications' }).count()).toBe(0);
    await ann.operations.deleteMessage({ message_id: ghost! });
    await bell('Notifications, 60 unread').waitFor({ state: 'attached' });
    await bob.page.keyboard.press('Escape');
  });

  it('opening a thread reads all of its notifications, also those that were never shown', async () => {
    await bob.page.reload();
    await bell('Notifications, 60 unread').click();
    await dialog().getByRole('link').nth(1).click();
    await bell('Notifications, 1 unread').waitFor();
    await bob.page.reload();
    await bell('Notifications, 1 unread').waitFor();
    // Where one looks, nothing stays unread.
    await mention(busy, 1);
    await bob.sees(`@${bob.username} 59`);
    await bell('Notifications, 1 unread').click();
    await dialog().getByRole('button', { name: 'Mark all as read' }).click();
    await bell('Notifications').waitFor({ state: 'attached' });
    expect(bob.complaints).toEqual([]);
  });
});

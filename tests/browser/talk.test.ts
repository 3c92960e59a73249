import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { until } from '../until.js';
import { openBrowser, Person } from './page.js';

const community = `Cats ${Math.random().toString(36).slice(2, 8)}`;
const thread = 'Whiskers and other matters';

/** One conversation of two people on two nodes; each test goes on where the one before it ended. */
describe('two people in two browsers on two nodes', () => {
  let cluster: TestCluster;
  let browser: Browser;
  let ann: Person;
  let bob: Person;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
    browser = await openBrowser();
    ann = await Person.signUp(browser, cluster.urls[0]!, 'Ann');
    bob = await Person.signUp(browser, cluster.urls[1]!, 'Bob', { colorScheme: 'dark' });
    await ann.found(community);
    await ann.begin(thread);
    await bob.join(community);
    await bob.openThread(thread);
  });

  afterAll(async () => {
    await browser?.close();
    await cluster?.stop();
  }, 60_000);

  it('read each other live', async () => {
    await ann.say('Good morning, Bob');
    await bob.sees('Good morning, Bob');
    await bob.say('Good morning, Ann');
    await ann.sees('Good morning, Ann');
  });

  it('see each other typing', async () => {
    await bob.page.getByLabel('Message', { exact: true }).pressSequentially('hm');
    await ann.page.getByText('Bob is typing…').waitFor();
    await bob.page.getByLabel('Message', { exact: true }).fill('');
    await ann.page.getByText('Bob is typing…').waitFor({ state: 'detached' });
  });

  it('react, reply, edit and delete', async () => {
    const said = ann.message('Good morning, Ann');
    await said.hover();
    await said.getByRole('button', { name: 'React', exact: true }).click();
    await ann.page.getByRole('group', { name: 'Choose a reaction' }).getByRole('button', { name: '🎉' }).click();
    const reaction = bob.message('Good morning, Ann').getByRole('button', { name: '🎉, 1' });
    await reaction.waitFor();
    expect(await reaction.getAttribute('aria-pressed')).toBe('false');
    await reaction.click();
    await ann.message('Good morning, Ann').getByRole('button', { name: '🎉, 2', pressed: true }).waitFor();

    await said.hover();
    await said.getByRole('button', { name: 'Reply' }).click();
    await ann.say('An answer');
    await bob.message('An answer').getByText('Good morning, Ann').waitFor();

    const answer = ann.message('An answer');
    await answer.hover();
    await answer.getByRole('button', { name: 'Edit' }).click();
    await ann.page.getByLabel('Edit message').fill('A better answer');
    await ann.page.getByRole('button', { name: 'Save' }).click();
    await bob.sees('A better answer');

    const better = ann.message('A better answer');
    await better.hover();
    await better.getByRole('button', { name: 'Delete' }).click();
    await better.getByRole('button', { name: 'Delete', exact: true }).first().click();
    await bob.page.getByText('This message was deleted.').waitFor();
    expect(await bob.message('A better answer').count()).toBe(0);
  });

  it('draw text as text', async () => {
    const text = '<img src=x onerror="document.title=1"> javascript:alert(1) https://example.org/a_(b).';
    await ann.say(text);
    const shown = bob.page.getByText('<img src=x').first();
    await shown.waitFor();
    expect(await shown.textContent()).toBe(text);
    const link = bob.page.getByRole('link', { name: 'https://example.org/a_(b)', exact: true });
    expect([await link.count(), await link.getAttribute('href'), await link.getAttribute('rel')]).toEqual([
      1,
      'https://example.org/a_(b)',
      expect.stringContaining('noopener'),
    ]);
    expect(await bob.page.getByRole('log').locator('img').count()).toBe(0);
  });

  it('catch up after being offline, and send what was written meanwhile', async () => {
    await bob.setOffline(true);
    for (let i = 1; i <= 5; i++) await ann.say(`missed ${i}`);
    await ann.sees('missed 5');
    await bob.page.getByText('You are offline.').waitFor();
    expect(await bob.message('missed 1').count()).toBe(0);
    await bob.say('written offline');
    await bob.page.getByText('Sending…').waitFor();
    await bob.setOffline(false);
    await bob.sees('missed 5');
    await ann.sees('written offline');
    await bob.page.getByText('Sending…').waitFor({ state: 'detached' });
    await bob.page.getByText('You are offline.').waitFor({ state: 'detached' });
    expect((await bob.reads()).slice(-6)).toEqual(['missed 1', 'missed 2', 'missed 3', 'missed 4', 'missed 5', 'written offline']);
    expect(await ann.reads()).toEqual(await bob.reads());
  });

  it('stay where they are over a reload', async () => {
    await ann.page.reload();
    await ann.sees('written offline');
    expect(await ann.page.getByRole('link', { name: thread }).getAttribute('aria-current')).toBe('page');
  });

  it('count and mark what came while one was elsewhere', async () => {
    // Where a thread stands and how far one has read are stored some moments later. A list asked for before that counts one's own
    // last message once the other figure comes: so first both are there.
    const client = await bob.client();
    const { items } = await client.operations.listCommunities({ q: community });
    const params = { community_id: items[0]!.id };
    await until('the list to know what Bob has read', async () => {
      const listed = (await client.operations.listThreads(params)).items[0]!;
      const { last_seq } = await client.operations.getThread({ thread_id: listed.id });
      return listed.last_seq === last_seq && listed.me?.unread_count === 0;
    });
    client.close();
    await bob.page.goto(cluster.urls[1]!);
    await bob.page.getByRole('link', { name: community }).click();
    await bob.page.getByRole('link', { name: thread }).waitFor();
    expect(await bob.page.getByRole('link', { name: thread }).getByText('unread').count()).toBe(0);
    await ann.say('while you were away');
    await bob.page.getByRole('link', { name: thread }).getByText('1 unread').waitFor();
    await bob.openThread(thread);
    await bob.page.getByRole('log').getByText('New', { exact: true }).waitFor();
    await bob.page.getByRole('link', { name: thread }).getByText('unread').waitFor({ state: 'detached' });
  });

  it('find messages by words', async () => {
    const { page } = bob;
    await page.getByRole('button', { name: 'Search messages' }).click();
    const dialog = page.getByRole('dialog', { name: 'Search messages' });
    const hit = dialog.getByRole('link').filter({ hasText: 'while you were' });
    // The index follows the messages at a small distance.
    await until('the message to be found', async () => {
      await dialog.getByLabel('Words to look for').fill('away');
      await dialog.getByRole('button', { name: 'Search', exact: true }).click();
      await page.waitForTimeout(500);
      return (await hit.count()) > 0;
    });
    expect(await hit.locator('mark').allInnerTexts()).toContain('away');
    await hit.first().click();
    await bob.sees('while you were away');
  });

  it('fit on a phone, one column at a time', async () => {
    const { page } = bob;
    await page.setViewportSize({ width: 360, height: 720 });
    await bob.say(`${'long'.repeat(60)} https://example.org/${'path'.repeat(40)}`);
    await bob.say(`\`\`\`\n${'code '.repeat(60)}\n\`\`\``);
    await page.getByText('code code').waitFor();
    const widths = [await bob.overflow()];
    await page.getByRole('link', { name: 'Back to threads' }).click();
    await page.getByRole('link', { name: thread }).waitFor();
    expect(await page.getByRole('log').isVisible()).toBe(false);
    widths.push(await bob.overflow());
    await page.getByRole('link', { name: 'Back to communities' }).click();
    await page.getByRole('button', { name: 'Browse communities' }).waitFor();
    widths.push(await bob.overflow());
    expect(widths).toEqual([0, 0, 0]);
  });

  it('gave no cause for complaint', () => {
    expect([...ann.complaints, ...bob.complaints]).toEqual([]);
  });
});

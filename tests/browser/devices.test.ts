import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { signUpAndConnect } from '../cluster/people.js';
import { patienceMs } from '../until.js';
import { openBrowser, Person } from './page.js';

const some = Math.random().toString(36).slice(2, 8);
const orchard = `Orchard ${some}`;

/**
 * Ann at two devices, on two nodes, and Bob, who owns a community. Nothing is loaded again in any of these; each test
 * goes on where the one before it ended.
 */
describe('two devices of one member', () => {
  let cluster: TestCluster;
  let browser: Browser;
  let bob: ParleyClient;
  let desk: Person;
  let phone: Person;
  let community_id: string;
  let thread_id: string;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
    browser = await openBrowser();
    const [one, two] = cluster.urls as [string, string];
    bob = await signUpAndConnect([two]);
    community_id = (await bob.operations.createCommunity({ name: orchard })).id;
    thread_id = (await bob.operations.createThread({ community_id, title: 'Apples' })).id;
    desk = await Person.signUp(browser, one, 'Ann');
    phone = await desk.atAnotherDevice(browser, two);
  }, 120_000);
  afterAll(async () => {
    bob?.close();
    await browser?.close();
    await cluster?.stop();
  }, 60_000);

  const listed = (page: Page, name: string) => page.getByRole('navigation', { name: 'Communities' }).getByRole('link', { name });
  const bell = (page: Page, unread: number) =>
    page.getByRole('button', { name: unread > 0 ? `Notifications, ${unread} unread` : 'Notifications', exact: true });
  const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
  const both = <T>(run: (page: Page) => Promise<T>): Promise<T[]> => Promise.all([desk, phone].map(({ page }) => run(page)));
  const ann = (): string => memberId;
  let memberId: string;
  const mention = () => bob.operations.sendMessage({ thread_id, content: `@${desk.username}` });
  /** Requests for ledgers that a page sends from now on. */
  const ledgerRequests = (page: Page): string[] => {
    const sent: string[] = [];
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        const name = /sync_ledgers?/.exec(payload.toString())?.[0];
        if (name) sent.push(name);
      }),
    );
    return sent;
  };

  it('shows on one what one joins, and founds, on the other', async () => {
    // The way in is all there is for a stranger; it opens when one has come in elsewhere.
    await phone.page.goto(`${phone.url}/c/${community_id}`);
    await phone.page.getByRole('button', { name: `Join ${orchard}` }).waitFor();
    await desk.join(orchard);
    await listed(phone.page, orchard).waitFor();
    await phone.page.getByRole('link', { name: 'Apples' }).waitFor();
    await desk.found(`Hives ${some}`);
    await listed(phone.page, `Hives ${some}`).waitFor();
    const client = await desk.client();
    memberId = client.memberId!;
    client.close();
  });

  it('shows what another person calls a community, and what is said of it', async () => {
    await listed(desk.page, orchard).click();
    await both((page) => heading(page, orchard).waitFor());
    await bob.operations.updateCommunity({ community_id, name: `Grove ${some}`, description: 'Pears as well' });
    await both(async (page) => {
      await listed(page, `Grove ${some}`).waitFor();
      await heading(page, `Grove ${some}`).waitFor();
      await page.getByText('Pears as well').waitFor();
    });
    expect(await both((page) => listed(page, orchard).count())).toEqual([0, 0]);
  });

  it('shows at once what one may do by a role, and does so no more when it is taken', async () => {
    await both((page) => page.getByRole('link', { name: 'Apples' }).click());
    const pin = (page: Page) => page.getByRole('button', { name: 'Pin thread' });
    await bob.operations.changeMembership({ community_id, member_id: ann(), role: 'moderator' });
    await both((page) => pin(page).waitFor());
    await bob.operations.changeMembership({ community_id, member_id: ann(), role: 'member' });
    await both((page) => pin(page).waitFor({ state: 'detached' }));
  });

  it('counts on both what one is mentioned in, and clears both when it is read on one', async () => {
    await both((page) => listed(page, `Hives ${some}`).click());
    await both((page) => heading(page, `Hives ${some}`).waitFor());
    await mention();
    await both((page) => bell(page, 1).waitFor());
    await bell(desk.page, 1).click();
    await desk.page.getByRole('button', { name: 'Mark all as read' }).click();
    await desk.page.keyboard.press('Escape');
    await both((page) => bell(page, 0).waitFor());
    // By looking at what it is about.
    await mention();
    await both((page) => bell(page, 1).waitFor());
    await listed(phone.page, `Grove ${some}`).click();
    await phone.page.getByRole('link', { name: 'Apples' }).click();
    await both((page) => bell(page, 0).waitFor());
  });

  it('shows as read what one marks so on the other', async () => {
    await both((page) => listed(page, `Hives ${some}`).click());
    await bob.operations.sendMessage({ thread_id, content: 'Plums' });
    await both((page) => listed(page, `Grove ${some}`).click());
    const unread = (page: Page) => page.getByRole('link', { name: 'Apples' }).getByText('1 unread');
    await both((page) => unread(page).waitFor());
    await desk.page.getByRole('button', { name: 'Mark everything read' }).click();
    await both((page) => unread(page).waitFor({ state: 'detached' }));
  });

  it('brings a device that was away up to date without loading the page', async () => {
    await phone.setOffline(true);
    await phone.page.getByText('You are offline.').waitFor();
    await mention();
    await desk.found(`Ponds ${some}`);
    await bob.operations.updateCommunity({ community_id, name: `Wood ${some}` });
    await listed(desk.page, `Hives ${some}`).click();
    const client = await desk.client();
    const hives = (await client.operations.listCommunities({ mine: true, q: 'Hives' })).items[0]!;
    // Where it is shown, the page asks for it once more.
    desk.expectRefusals = true;
    await client.operations.deleteCommunity({ community_id: hives.id });
    client.close();
    await bell(desk.page, 1).waitFor();
    await phone.setOffline(false);
    for (const name of [`Ponds ${some}`, `Wood ${some}`]) await listed(phone.page, name).waitFor();
    await listed(phone.page, `Hives ${some}`).waitFor({ state: 'detached' });
    await listed(phone.page, `Grove ${some}`).waitFor({ state: 'detached' });
  });

  it('lets one write on where one stopped on another device, and clears both when it is sent', async () => {
    const box = (page: Page) => page.getByLabel('Message', { exact: true });
    const holds = (page: Page, text: string) =>
      page.waitForFunction((it) => document.querySelector<HTMLTextAreaElement>('.composer textarea')?.value === it, text);
    await both(async (page) => {
      await listed(page, `Wood ${some}`).click();
      await page.getByRole('link', { name: 'Apples' }).click();
    });
    await box(desk.page).fill('Half a');
    await holds(phone.page, 'Half a');
    // A reload loses nothing, whatever of it the ledger has by then.
    await box(phone.page).fill('Half a sentence');
    await phone.page.reload();
    await holds(phone.page, 'Half a sentence');
    await holds(desk.page, 'Half a sentence');
    await box(desk.page).press('Enter');
    await both((page) => holds(page, ''));
    await phone.sees('Half a sentence');
  });

  it('shows what people call themselves now, beside what they have written and where one is named oneself', async () => {
    await bob.operations.sendMessage({ thread_id, content: 'Who am I?' });
    await both((page) => page.getByText('Who am I?').waitFor());
    await bob.operations.updateMember({ member_id: bob.memberId!, full_name: `Robert ${some}` });
    await both((page) => page.locator('.messages').getByText(`Robert ${some}`).first().waitFor());
    const client = await desk.client();
    await client.operations.updateMember({ member_id: client.memberId!, full_name: `Anna ${some}` });
    client.close();
    await both((page) => page.locator('.account-name').getByText(`Anna ${some}`).waitFor());
  });

  it('has two tabs of one browser make the requests of one, and the other go on when one is closed', async () => {
    const tab = await desk.context.newPage();
    tab.setDefaultTimeout(patienceMs);
    const sent = ledgerRequests(tab);
    await tab.goto(desk.url);
    await listed(tab, `Wood ${some}`).waitFor();
    await bob.operations.updateCommunity({ community_id, name: `Meadow ${some}` });
    await Promise.all([tab, desk.page, phone.page].map((page) => listed(page, `Meadow ${some}`).waitFor()));
    expect(sent).toEqual([]);
    await desk.page.close();
    await bob.operations.updateCommunity({ community_id, name: `Garden ${some}` });
    await listed(tab, `Garden ${some}`).waitFor();
    expect(sent).toContain('sync_ledgers');
    (desk as { page: Page }).page = tab;
  });

  it('takes a community away on both when one leaves it on one, or is removed', async () => {
    await both((page) => listed(page, `Garden ${some}`).click());
    await desk.page.getByRole('button', { name: 'Members' }).click();
    await desk.page.getByRole('button', { name: `Leave Garden ${some}` }).click();
    await both((page) => listed(page, `Garden ${some}`).waitFor({ state: 'detached' }));
    await phone.page.getByRole('button', { name: `Join Garden ${some}` }).click();
    await both((page) => listed(page, `Garden ${some}`).waitFor());
    await bob.operations.removeMember({ community_id, member_id: ann() });
    await both((page) => listed(page, `Garden ${some}`).waitFor({ state: 'detached' }));
  });

  it('keeps nothing of a member who signs out', async () => {
    await both((page) => page.getByRole('link', { name: `Ponds ${some}` }).click());
    await desk.begin('Frogs');
    await desk.page.getByLabel('Message', { exact: true }).fill('A secret');
    const kept = (): Promise<string[]> => desk.page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('draft')));
    expect((await kept()).length).toBe(1);
    const databases = (): Promise<number> => desk.page.evaluate(async () => (await indexedDB.databases()).length);
    expect(await databases()).toBe(1);
    await desk.page.getByRole('button', { name: 'Sign out' }).click();
    await desk.page.getByRole('button', { name: 'Make an account' }).waitFor();
    await desk.page.waitForFunction(async () => (await indexedDB.databases()).length === 0);
    expect(await kept()).toEqual([]);
    expect([...desk.complaints, ...phone.complaints]).toEqual([]);
  });
});

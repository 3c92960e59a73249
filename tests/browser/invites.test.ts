import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { openBrowser, Person } from './page.js';

const community = `Garden ${Math.random().toString(36).slice(2, 8)}`;
const deadWords = 'This invite does not work, so ask whoever sent it for a new one.';

/** Ann owns a community and invites; each test goes on where the one before it ended. */
describe('invites on the page', () => {
  let cluster: TestCluster;
  let browser: Browser;
  let ann: Person;
  let bob: Person;
  let link: string;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    browser = await openBrowser();
    ann = await Person.signUp(browser, cluster.urls[0]!, 'Ann', { permissions: ['clipboard-read', 'clipboard-write'] });
    await ann.found(community);
    await ann.begin('Seeds');
    bob = await Person.arrive(browser, cluster.urls[0]!, 'Bob', { colorScheme: 'dark' });
  });
  afterAll(async () => {
    await browser?.close();
    await cluster?.stop();
  }, 60_000);

  const dialog = (who: Person) => who.page.getByRole('dialog', { name: `Invite people to ${community}` });
  const links = (who: Person) =>
    dialog(who)
      .getByRole('listitem')
      .filter({ has: who.page.getByLabel('Invite link') });
  const opener = (who: Person) => who.page.getByRole('button', { name: 'Invite people' });
  const clipboard = (): Promise<string> => ann.page.evaluate(() => navigator.clipboard.readText());
  const focused = (who: Person): Promise<string | null> => who.page.evaluate(() => document.activeElement?.textContent?.trim() ?? null);
  const joining = (who: Person) => who.page.getByRole('button', { name: `Join ${community}` });
  const seesCommunity = async (who: Person): Promise<void> => {
    await who.page.getByRole('heading', { name: community }).waitFor();
    await who.page.getByRole('link', { name: 'Seeds' }).waitFor();
    expect(new URL(who.page.url()).pathname).toMatch(/^\/c\/[0-9a-f]{24}$/);
  };

  it('are made by keyboard, with an end and a number of uses, and copied', async () => {
    await opener(ann).focus();
    await ann.page.keyboard.press('Enter');
    await dialog(ann).getByText('There is none that still lets somebody in.').waitFor();
    expect(await dialog(ann).evaluate((box) => box.contains(document.activeElement))).toBe(true);
    await dialog(ann).getByLabel('Ends after').selectOption('1 day');
    await dialog(ann).getByLabel('Number of uses').selectOption('5 uses');
    await dialog(ann).getByLabel('Number of uses').press('Tab');
    await ann.page.keyboard.press('Enter');
    await dialog(ann)
      .getByText(/^0 of 5 uses · ends .+ · made by you$/)
      .waitFor();
    // The new link's button has the focus: one more key copies it.
    await dialog(ann).getByRole('button', { name: 'Copy' }).waitFor();
    expect(await focused(ann)).toBe('Copy');
    await ann.page.keyboard.press('Enter');
    await dialog(ann).getByRole('status').getByText('The link is copied.').waitFor({ state: 'attached' });
    await dialog(ann).getByRole('button', { name: 'Copied' }).waitFor();
    link = await dialog(ann).getByLabel('Invite link').inputValue();
    expect(link).toMatch(new RegExp(`^${ann.url}/invites/[A-Za-z0-9_-]{24}$`));
    expect(await clipboard()).toBe(link);
    await ann.page.keyboard.press('Escape');
    await dialog(ann).waitFor({ state: 'detached' });
    expect(await opener(ann).evaluate((button) => button === document.activeElement)).toBe(true);
  });

  it('are copied also where the page gets no clipboard', async () => {
    await opener(ann).click();
    await ann.page.evaluate(() => navigator.clipboard.writeText(''));
    await ann.page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true }));
    await dialog(ann).getByRole('button', { name: 'Copy' }).click();
    await dialog(ann).getByRole('button', { name: 'Copied' }).waitFor();
    expect(await focused(ann)).toBe('Copied');
    await ann.page.evaluate(() => delete (navigator as { clipboard?: unknown }).clipboard);
    expect(await clipboard()).toBe(link);
    await ann.page.keyboard.press('Escape');
  });

  it('lead somebody who is not signed in through making an account into the community', async () => {
    await bob.page.goto(link);
    await bob.page.getByRole('heading', { name: community }).waitFor();
    await bob.page.getByText('1 member', { exact: true }).waitFor();
    expect(await bob.page.title()).toBe(`Join ${community} · Parley`);
    await joining(bob).click();
    await bob.page.getByText(`Log in or make an account to join ${community}.`).waitFor();
    await bob.makeAccount();
    await joining(bob).and(bob.page.locator(':focus')).waitFor();
    expect(bob.page.url()).toBe(link);
    await bob.page.keyboard.press('Enter');
    await seesCommunity(bob);
    // The address is the community's now.
    await bob.page.reload();
    await seesCommunity(bob);
    await opener(ann).click();
    await dialog(ann)
      .getByText(/^1 of 5 uses/)
      .waitFor();
    await ann.page.keyboard.press('Escape');
  });

  it('let a member straight in, and take no use for it', async () => {
    await bob.page.goto(link);
    await seesCommunity(bob);
    await bob.page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await bob.page.getByRole('button', { name: 'Log in', exact: true }).waitFor();
    // Signed out they are looked at first; whoever turns out to be a member by signing in is there.
    await bob.page.goto(link);
    await joining(bob).click();
    await bob.logIn();
    await seesCommunity(bob);
  });

  it("are one's own to see and to end; those who tend the community have all", async () => {
    await opener(bob).click();
    await dialog(bob).getByRole('heading', { name: 'Your links' }).waitFor();
    await dialog(bob).getByText('There is none that still lets somebody in.').waitFor();
    await dialog(bob).getByLabel('Ends after').selectOption('Never');
    await dialog(bob).getByRole('button', { name: 'Make a link' }).click();
    await dialog(bob).getByText('not used yet · never ends · made by you').waitFor();
    expect(await links(bob).count()).toBe(1);

    await opener(ann).click();
    await dialog(ann).getByRole('heading', { name: 'Links into this community' }).waitFor();
    await links(ann).filter({ hasText: 'made by Bob' }).waitFor();
    expect(await links(ann).count()).toBe(2);
    await links(ann).filter({ hasText: '1 of 5 uses' }).filter({ hasText: 'made by you' }).waitFor();
    await links(ann).filter({ hasText: 'made by you' }).getByRole('button', { name: 'Revoke' }).click();
    await dialog(ann).getByRole('status').getByText('The link is revoked.').waitFor({ state: 'attached' });
    expect(await links(ann).count()).toBe(1);
    expect(await focused(ann)).toBe('Links into this community');
    await links(ann).filter({ hasText: 'made by Bob' }).getByRole('button', { name: 'Revoke' }).click();
    await dialog(ann).getByText('There is none that still lets somebody in.').waitFor();
    // It is gone already: which is what Bob wants.
    await links(bob).getByRole('button', { name: 'Revoke' }).click();
    await dialog(bob).getByText('There is none that still lets somebody in.').waitFor();
    await bob.page.keyboard.press('Escape');
    await ann.page.keyboard.press('Escape');
  });

  it('that are dead say so, and show a way on', async () => {
    const eve = await Person.arrive(browser, cluster.urls[0]!, 'Eve', { viewport: { width: 390, height: 844 } });
    eve.expectRefusals = true;
    for (const dead of [link, `${eve.url}/invites/nothing`]) {
      await eve.page.goto(dead);
      await eve.page.getByRole('alert').getByText(deadWords).waitFor();
      expect([await eve.page.getByRole('button').count(), await eve.overflow()]).toEqual([0, 0]);
    }
    await eve.page.getByRole('link', { name: 'Go to the start page' }).click();
    await eve.makeAccount();
    await eve.page.getByRole('button', { name: 'New community' }).waitFor();
    await eve.page.goto(link);
    await eve.page.getByRole('link', { name: 'Go to your communities' }).click();
    await eve.page.getByText('You are in no community yet.').waitFor();
    expect(eve.complaints).toEqual([]);
  });

  it('that end while they are looked at say so, and whoever is banned hears that', async () => {
    const client = await ann.client();
    const place = new URL(ann.page.url()).pathname.split('/')[2]!;
    const [lasting, ending] = [
      await client.operations.createInvite({ community_id: place }),
      await client.operations.createInvite({ community_id: place }),
    ];
    await bob.page.getByRole('button', { name: 'Members' }).click();
    await bob.page.getByRole('button', { name: `Leave ${community}` }).click();
    await bob.page.getByText('You are in no community yet.').waitFor();
    bob.expectRefusals = true;
    const bobs = await bob.client();
    const bobId = bobs.memberId!;
    bobs.close();
    await bob.page.goto(`${bob.url}${new URL(ending.url, bob.url).pathname}`);
    await joining(bob).waitFor();
    await client.operations.revokeInvite({ invite_id: ending.id });
    await joining(bob).click();
    await bob.page.getByRole('alert').getByText(deadWords).waitFor();

    await bob.page.goto(`${bob.url}${new URL(lasting.url, bob.url).pathname}`);
    await joining(bob).waitFor();
    await client.operations.changeMembership({ community_id: place, member_id: bobId, is_banned: true });
    await joining(bob).click();
    await bob.page.getByRole('alert').getByText('You are banned from this community').waitFor();
    client.close();
    expect([ann.complaints, bob.complaints]).toEqual([[], []]);
  });
});

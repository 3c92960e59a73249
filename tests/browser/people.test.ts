import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { openBrowser, Person } from './page.js';

const community = `Garden ${Math.random().toString(36).slice(2, 8)}`;
const thread = 'The surprise party';

/** Ann owns a community of four on two nodes; each test goes on where the one before it ended. */
describe('private threads on the page', () => {
  let cluster: TestCluster;
  let browser: Browser;
  let ann: Person;
  let bob: Person;
  let cleo: Person;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
    browser = await openBrowser();
    const [one, two] = cluster.urls as [string, string];
    ann = await Person.signUp(browser, one, 'Ann');
    bob = await Person.signUp(browser, two, 'Bob', { colorScheme: 'dark' });
    cleo = await Person.signUp(browser, one, 'Cleo', { viewport: { width: 360, height: 740 } });
    await ann.found(community);
    await ann.begin('Seeds');
    await bob.join(community);
    await cleo.join(community);
    for (const who of [bob, cleo]) await who.page.getByRole('link', { name: 'Seeds' }).waitFor();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await cluster?.stop();
  }, 60_000);

  const link = (who: Person, title = thread) => who.page.getByRole('link', { name: title });
  const opener = (who: Person) => who.page.getByRole('button', { name: 'People', exact: true });
  const dialog = (who: Person) => who.page.getByRole('dialog', { name: `People in ${thread}` });
  /** Of somebody who is in it; whoever may be let in stands beside a box to tick. */
  const row = (who: Person, name: string) =>
    dialog(who)
      .getByRole('listitem')
      .filter({ has: who.page.getByText(name, { exact: true }), hasNot: who.page.getByRole('checkbox') });
  const open = async (who: Person): Promise<void> => {
    await opener(who).click();
    await dialog(who).getByRole('listitem').first().waitFor();
  };
  const isClosed = async (who: Person): Promise<void> => {
    await who.page.keyboard.press('Escape');
    await dialog(who).waitFor({ state: 'detached' });
  };
  /** Begins a thread that all see: once it is there, what was told before has come too. */
  const passes = async (from: Person, to: Person, title: string): Promise<void> => {
    const client = await from.client();
    const [, , id] = new URL(from.page.url()).pathname.split('/');
    await client.operations.createThread({ community_id: id as string, title });
    client.close();
    await link(to, title).waitFor();
  };

  it('are begun by keyboard with people chosen by name, and show there alone, live and with a lock', async () => {
    await ann.page.getByRole('button', { name: 'New thread' }).press('Enter');
    const making = ann.page.getByRole('dialog', { name: 'New thread' });
    await making.getByLabel('Title').fill(thread);
    expect(await making.getByRole('group', { name: 'People to let in' }).count()).toBe(0);
    await making.getByRole('switch', { name: 'Private: only people I choose' }).press('Space');
    const people = making.getByRole('group', { name: 'People to let in' });
    await people.getByText('Nobody is chosen.').waitFor();
    // One is in it anyhow.
    expect(await people.getByRole('checkbox').count()).toBe(2);
    await people.getByLabel('Look for somebody').fill('BÖB');
    await people.getByRole('checkbox', { name: 'Cleo' }).waitFor({ state: 'detached' });
    await people.getByRole('checkbox', { name: 'Bob' }).press('Space');
    // Enter in the box sends nothing; who is chosen stays, whatever is looked for.
    await people.getByLabel('Look for somebody').fill('nobody of this name');
    await people.getByLabel('Look for somebody').press('Enter');
    await people.getByRole('checkbox', { name: 'Bob', checked: true }).waitFor();
    await people.getByRole('status').getByText('1 person is chosen.').waitFor();
    await making.getByRole('button', { name: 'Begin' }).press('Enter');
    await ann.page.getByLabel('Message', { exact: true }).waitFor();

    for (const who of [ann, bob]) await link(who).getByRole('img', { name: 'private' }).waitFor();
    expect(await link(ann, 'Seeds').getByRole('img', { name: 'private' }).count()).toBe(0);
    await passes(ann, cleo, 'Weeds');
    expect(await link(cleo).count()).toBe(0);
    await bob.openThread(thread);
    await bob.say('I bring the cake');
    await ann.sees('I bring the cake');
  });

  it('let in one more, who has it at once', async () => {
    await open(ann);
    await row(ann, 'Ann').getByText('· you').waitFor();
    await row(ann, 'Bob').waitFor();
    await dialog(ann).getByText('The owner of the community and its administrators see it too.').waitFor();
    await dialog(ann).getByRole('checkbox', { name: 'Cleo' }).check();
    await dialog(ann).getByRole('button', { name: 'Let in', exact: true }).click();
    await dialog(ann).getByRole('status').getByText('1 person is let in.').waitFor({ state: 'attached' });
    await row(ann, 'Cleo').waitFor();
    expect(await ann.page.evaluate(() => document.activeElement?.textContent)).toBe('Let in by name');
    await link(cleo).getByRole('img', { name: 'private' }).waitFor();
    await cleo.openThread(thread);
    await cleo.sees('I bring the cake');
    expect(await cleo.overflow()).toBe(0);
  });

  it('offer to others only to leave', async () => {
    await open(bob);
    await row(bob, 'Cleo').waitFor();
    expect(await dialog(bob).getByRole('button', { name: /^Take/ }).count()).toBe(0);
    expect(await dialog(bob).getByRole('group').count()).toBe(0);
    expect(await dialog(bob).getByRole('button', { name: 'Leave…' }).count()).toBe(1);
    await isClosed(bob);
    // Who owns the community sees it in any case.
    expect(await dialog(ann).getByRole('button', { name: 'Leave…' }).count()).toBe(0);
    // A thread for all has no people of its own.
    await link(bob, 'Seeds').click();
    await bob.page.getByRole('heading', { name: 'Seeds' }).first().waitFor();
    await opener(bob).waitFor({ state: 'detached' });
    await bob.openThread(thread);
  });

  it('say so to whoever has one open and loses it, and bring them to the community', async () => {
    await dialog(ann).getByRole('button', { name: 'Take Cleo out' }).click();
    await cleo.page.getByRole('alert').getByText(`“${thread}” is not here for you any more.`).waitFor();
    expect(new URL(cleo.page.url()).pathname).toMatch(/^\/c\/[0-9a-f]{24}$/);
    expect(await link(cleo).count()).toBe(0);
    expect(await cleo.page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('alert');
    expect(await cleo.overflow()).toBe(0);
    await row(ann, 'Cleo').waitFor({ state: 'detached' });
    // And back: what was said of it is over once something is open.
    await dialog(ann).getByRole('checkbox', { name: 'Cleo' }).check();
    await dialog(ann).getByRole('button', { name: 'Let in', exact: true }).click();
    await cleo.openThread(thread);
    await cleo.sees('I bring the cake');
    expect(await cleo.page.getByRole('alert').count()).toBe(0);
    await isClosed(ann);
  });

  it('are left after a question, without being told of it as a loss', async () => {
    await open(bob);
    await dialog(bob).getByRole('button', { name: 'Leave…' }).click();
    await dialog(bob).getByRole('button', { name: 'Stay' }).click();
    await dialog(bob).getByRole('button', { name: 'Leave the thread' }).waitFor({ state: 'detached' });
    await dialog(bob).getByRole('button', { name: 'Leave…' }).click();
    await dialog(bob).getByRole('button', { name: 'Leave the thread' }).click();
    await link(bob).waitFor({ state: 'detached' });
    await bob.page.getByText('Pick a thread, or begin one.').waitFor();
    expect(await bob.page.getByRole('alert').count()).toBe(0);
    await open(ann);
    await row(ann, 'Cleo').waitFor();
    expect(await row(ann, 'Bob').count()).toBe(0);
    await isClosed(ann);
  });

  it('come and go with roles that see them, open or not', async () => {
    const client = await ann.client();
    const [, , community_id, , thread_id] = new URL(ann.page.url()).pathname.split('/') as [string, string, string, string, string];
    const { id: role_id } = await client.operations.createRole({ community_id, name: 'Helper' });
    await client.operations.setOverride({ thread_id, subject: `role:${role_id}`, allow: ['view'] });
    const { items } = await client.operations.listCommunityMembers({ community_id });
    const member_id = items.find(({ member }) => member.full_name === 'Bob')?.member.id as string;
    await client.operations.giveRole({ community_id, member_id, role_id });
    await link(bob).getByRole('img', { name: 'private' }).waitFor();
    await client.operations.takeRole({ community_id, member_id, role_id });
    await link(bob).waitFor({ state: 'detached' });
    await client.operations.giveRole({ community_id, member_id, role_id });
    await bob.openThread(thread);
    await open(bob);
    await dialog(bob).getByText('and so does whoever holds Helper.').waitFor();
    // Also while it is being looked into.
    await client.operations.takeRole({ community_id, member_id, role_id });
    await bob.page.getByRole('alert').getByText(`“${thread}” is not here for you any more.`).waitFor();
    await dialog(bob).waitFor({ state: 'detached' });
    await link(bob).waitFor({ state: 'detached' });
    client.close();
  });

  it('are begun only by who may', async () => {
    const client = await ann.client();
    const id = new URL(ann.page.url()).pathname.split('/')[2] as string;
    const { items } = await client.operations.listRoles({ community_id: id });
    const everyone = items.at(-1);
    const permissions = everyone?.permissions.filter((name) => name !== 'create_closed_thread') ?? [];
    await bob.page.getByRole('button', { name: 'New thread' }).click();
    await bob.page.getByRole('switch', { name: 'Private: only people I choose' }).waitFor();
    await client.operations.updateRole({ community_id: id, role_id: id, permissions });
    // Live, also while it is being asked for.
    await bob.page.getByRole('switch', { name: 'Private: only people I choose' }).waitFor({ state: 'detached' });
    await client.operations.updateRole({
      community_id: id,
      role_id: id,
      permissions: permissions.filter((name) => name !== 'create_thread'),
    });
    await bob.page.getByRole('button', { name: 'New thread' }).waitFor({ state: 'detached' });
    client.close();
    expect([ann.complaints, bob.complaints, cleo.complaints]).toEqual([[], [], []]);
  });
});

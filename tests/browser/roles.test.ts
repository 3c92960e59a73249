import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { openBrowser, Person } from './page.js';

const community = `Orchard ${Math.random().toString(36).slice(2, 8)}`;

/** Ann owns a community on one node, Bob is in it on another; each test goes on where the one before it ended. */
describe('roles on the page', () => {
  let cluster: TestCluster;
  let browser: Browser;
  let ann: Person;
  let bob: Person;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
    browser = await openBrowser();
    const [one, two] = cluster.urls as [string, string];
    ann = await Person.signUp(browser, one, 'Ann');
    bob = await Person.signUp(browser, two, 'Bob', { colorScheme: 'dark', viewport: { width: 900, height: 760 } });
    await ann.found(community);
    await ann.begin('Apples');
    await bob.join(community);
    await bob.openThread('Apples');
    await bob.say('Good morning');
    await ann.sees('Good morning');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await cluster?.stop();
  }, 60_000);

  const opener = (who: Person) => who.page.getByRole('button', { name: 'Roles', exact: true });
  const dialog = (who: Person) => who.page.getByRole('dialog', { name: `Roles of ${community}` });
  const members = (who: Person) => who.page.getByRole('dialog', { name: `Members of ${community}` });
  const button = (who: Person, name: string) => dialog(who).getByRole('button', { name, exact: true });
  const tells = (who: Person, words: string) => dialog(who).getByRole('status').getByText(words, { exact: true }).waitFor();
  const order = (who: Person) => dialog(who).getByRole('listitem').locator('bdi').allInnerTexts();
  const focused = (who: Person): Promise<string | null> =>
    who.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? null);
  const shut = async (who: Person): Promise<void> => {
    await who.page.keyboard.press('Escape');
    await who.page.getByRole('dialog').waitFor({ state: 'detached' });
  };
  /** In the list of members, which is open. */
  const row = (who: Person, name: string) =>
    members(who)
      .getByRole('listitem')
      .filter({ has: who.page.getByText(name, { exact: true }) });
  const openMembers = async (who: Person): Promise<void> => {
    await who.page.getByRole('button', { name: 'Members' }).click();
    await row(who, 'Bob').waitFor();
  };
  /** Whether Bob can pin the thread that is open: what the role is to let him do. */
  const pin = () => bob.page.getByRole('button', { name: 'Pin thread' });

  it('are made by keyboard with a name, a colour and permissions in plain words', async () => {
    await opener(ann).press('Enter');
    await button(ann, 'Change everyone').waitFor();
    expect(await order(ann)).toEqual(['Moderator', 'everyone']);
    await dialog(ann).getByLabel('New role').fill('Gardener');
    await dialog(ann).getByLabel('New role').press('Enter');
    await dialog(ann).getByRole('heading', { name: 'Gardener' }).and(ann.page.locator(':focus')).waitFor();
    await dialog(ann).getByLabel('Has a colour').press('Space');
    await dialog(ann).getByLabel('Colour', { exact: true }).fill('#3c7a3c');
    await dialog(ann).getByLabel('Everybody may mention it').press('Space');
    const permissions = dialog(ann).getByRole('group', { name: 'Whoever holds it may' });
    expect(await permissions.getByRole('checkbox').count()).toBe(25);
    await permissions.getByRole('checkbox', { name: 'change, pin and delete threads of others' }).press('Space');
    await button(ann, 'Save').press('Enter');
    await tells(ann, 'Gardener is saved.');
    expect(await order(ann)).toEqual(['Moderator', 'Gardener', 'everyone']);
    await dialog(ann).getByRole('listitem').filter({ hasText: 'Gardener' }).getByText('1 permission · may be mentioned').waitFor();
    expect(await focused(ann)).toBe('Change Gardener');
    // As it was told, so it is kept.
    await ann.page.keyboard.press('Enter');
    expect(await dialog(ann).getByLabel('Colour', { exact: true }).inputValue()).toBe('#3c7a3c');
    expect(await dialog(ann).getByRole('checkbox', { checked: true }).count()).toBe(3);
    await button(ann, 'Cancel').click();
  });

  it('are moved up and down, and the focus goes with them', async () => {
    await button(ann, 'Move Gardener up').press('Enter');
    await tells(ann, 'Gardener is moved up.');
    // The highest goes no higher: the way back has the focus.
    await button(ann, 'Move Gardener down').and(ann.page.locator(':focus')).waitFor();
    expect(await order(ann)).toEqual(['Gardener', 'Moderator', 'everyone']);
    expect(await button(ann, 'Move Gardener up').count()).toBe(0);
    await ann.page.keyboard.press('Enter');
    await tells(ann, 'Gardener is moved down.');
    await button(ann, 'Move Gardener up').and(ann.page.locator(':focus')).waitFor();
    expect(await order(ann)).toEqual(['Moderator', 'Gardener', 'everyone']);
  });

  it('are refused in the words of the server', async () => {
    ann.expectRefusals = true;
    await dialog(ann).getByLabel('New role').fill('GARDENER');
    await button(ann, 'Add').click();
    await dialog(ann).getByRole('alert').getByText('name is taken').waitFor();
    ann.expectRefusals = false;
    await shut(ann);
    expect(await focused(ann)).toBe('Roles');
  });

  it('are given where members are listed, and what they allow is there at once', async () => {
    expect([await pin().count(), await opener(bob).count()]).toEqual([0, 0]);
    await openMembers(bob);
    expect(
      await members(bob)
        .getByRole('button', { name: /^Roles of/ })
        .count(),
    ).toBe(0);
    await openMembers(ann);
    await row(ann, 'Bob').getByRole('button', { name: 'Roles of Bob' }).press('Enter');
    await row(ann, 'Bob').getByRole('checkbox', { name: 'Gardener' }).press('Space');
    await row(ann, 'Bob').getByRole('checkbox', { name: 'Gardener', checked: true }).waitFor();
    // Shown to whoever looks, in the list and beside the name.
    for (const who of [ann, bob]) await row(who, 'Bob').locator('.member-roles').getByText('Gardener').waitFor();
    await shut(bob);
    await pin().waitFor();
    await bob.message('Good morning').getByRole('img', { name: 'Gardener' }).waitFor();
    await ann.page.keyboard.press('Escape');
    const dot = ann.message('Good morning').getByRole('img', { name: 'Gardener' });
    expect(await dot.evaluate((it) => getComputedStyle(it).backgroundColor)).toBe('rgb(60, 122, 60)');
  });

  it('change live for whoever holds them', async () => {
    await opener(ann).click();
    await button(ann, 'Change Gardener').click();
    await dialog(ann).getByRole('checkbox', { name: 'change, pin and delete threads of others' }).uncheck();
    await dialog(ann).getByRole('checkbox', { name: 'give and take roles' }).check();
    await dialog(ann).getByRole('checkbox', { name: 'delete what others wrote' }).check();
    await button(ann, 'Save').click();
    await pin().waitFor({ state: 'detached' });
    await opener(bob).waitFor();
  });

  it('offer what one may: roles below one’s own, and of permissions those that one holds', async () => {
    await opener(bob).click();
    await button(bob, 'Change everyone').waitFor();
    // Moderator stands above his role, and his own is as high as himself.
    for (const name of ['Change Moderator', 'Change Gardener', 'Move Gardener up']) expect(await button(bob, name).count()).toBe(0);
    await dialog(bob).getByLabel('New role').fill('Picker');
    await button(bob, 'Add').click();
    await dialog(bob).getByText('What you do not hold yourself you neither give nor take away.').waitFor();
    expect(await dialog(bob).getByRole('checkbox', { name: 'ban people' }).isDisabled()).toBe(true);
    expect(await dialog(bob).getByRole('checkbox', { name: 'delete what others wrote' }).isDisabled()).toBe(false);
    await dialog(bob).getByRole('checkbox', { name: 'delete what others wrote' }).check();
    // Meanwhile Ann looks at it, and what she changes is there; what Bob touched stays his.
    await button(ann, 'Change Picker').click();
    await dialog(ann).getByRole('checkbox', { name: 'ban people' }).check();
    await button(ann, 'Save').click();
    await dialog(bob).getByRole('checkbox', { name: 'ban people', checked: true }).waitFor();
    await button(bob, 'Save').click();
    await tells(bob, 'Picker is saved.');
    await dialog(ann).getByRole('listitem').filter({ hasText: 'Picker' }).getByText('2 permissions').waitFor();
    await button(bob, 'Change Picker').click();
    // It grants what he does not hold.
    await button(bob, 'Save').waitFor();
    expect(await button(bob, 'Delete…').count()).toBe(0);
  });

  it('are deleted after a question, and whoever is at one hears of it', async () => {
    await button(ann, 'Change Picker').click();
    await button(ann, 'Delete…').click();
    await button(ann, 'Keep it').and(ann.page.locator(':focus')).press('Enter');
    await button(ann, 'Delete…').and(ann.page.locator(':focus')).waitFor();
    await button(ann, 'Delete…').click();
    await button(ann, 'Delete the role').click();
    await tells(ann, 'Picker is deleted.');
    expect(await order(ann)).toEqual(['Moderator', 'Gardener', 'everyone']);
    await tells(bob, 'This role was deleted meanwhile, or you may not change it any more.');
    await shut(ann);
  });

  it('are taken, and what they allowed is gone at once', async () => {
    await openMembers(ann);
    await row(ann, 'Bob').getByRole('button', { name: 'Roles of Bob' }).click();
    await row(ann, 'Bob').getByRole('checkbox', { name: 'Gardener' }).uncheck();
    await row(ann, 'Bob').locator('.member-roles').waitFor({ state: 'detached' });
    await dialog(bob).getByLabel('New role').waitFor({ state: 'detached' });
    expect(
      await dialog(bob)
        .getByRole('button', { name: /^(Change|Move)/ })
        .count(),
    ).toBe(0);
    await shut(bob);
    expect(await opener(bob).count()).toBe(0);
    await bob.message('Good morning').getByRole('img', { name: 'Gardener' }).waitFor({ state: 'detached' });
  });

  it('the owner hands over the community after a question, and both see it', async () => {
    await row(ann, 'Bob')
      .getByRole('button', { name: /^Hand over ownership/ })
      .click();
    await members(ann).getByText(`Bob will own ${community}.`).waitFor();
    await members(ann).getByRole('button', { name: 'Cancel' }).click();
    await row(ann, 'Bob')
      .getByRole('button', { name: /^Hand over ownership/ })
      .click();
    await members(ann).getByRole('button', { name: 'Hand over', exact: true }).click();
    await row(ann, 'Bob').getByText('· owner').waitFor();
    await row(ann, 'Ann').locator('.member-roles').getByText('Moderator').waitFor();
    expect(
      await members(ann)
        .getByRole('button', { name: /^Hand over ownership/ })
        .count(),
    ).toBe(0);
    await opener(bob).waitFor();
    await pin().waitFor();
    await shut(ann);
  });

  it('fit a narrow window', async () => {
    await ann.page.setViewportSize({ width: 320, height: 640 });
    await ann.page.getByRole('link', { name: 'Back to threads' }).click();
    await opener(ann).click();
    const wide = () => dialog(ann).evaluate((box) => box.scrollWidth - box.clientWidth);
    await button(ann, 'Change Gardener').waitFor();
    expect([await ann.overflow(), await wide()]).toEqual([0, 0]);
    await button(ann, 'Change Gardener').click();
    await button(ann, 'Save').waitFor();
    expect([await ann.overflow(), await wide()]).toEqual([0, 0]);
    expect([ann.complaints, bob.complaints]).toEqual([[], []]);
  });
});

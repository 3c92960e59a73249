import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { password } from '../cluster/people.js';
import { openBrowser, Person } from './page.js';

const better = 'a better battery';

/** One account, from one test to the next. */
let cluster: TestCluster;
let browser: Browser;
let ann: Person;
beforeAll(async () => {
  cluster = await startCluster({ nodes: 1, env: { RATE_LIMITS: 'on' } });
  browser = await openBrowser();
  ann = await Person.signUp(browser, cluster.urls[0]!, 'Ann');
});
afterAll(async () => {
  await browser?.close();
  await cluster?.stop();
}, 60_000);

const dialog = () => ann.page.getByRole('dialog', { name: 'Account' });
const open = async (act: string) => {
  const box = dialog().locator('details', { has: ann.page.getByText(act, { exact: true }) });
  await box.getByText(act, { exact: true }).first().click();
  return box;
};
const logIn = async (secret: string, button = 'Log in'): Promise<void> => {
  await ann.page.getByLabel('Username or e-mail').fill(ann.username);
  await ann.page.getByLabel('Password').fill(secret);
  await ann.page.getByRole('button', { name: button, exact: true }).click();
};

it('shows the devices, and signs out everywhere else', async () => {
  const other = await ann.client();
  await ann.page.getByRole('button', { name: 'Account', exact: true }).click();
  const devices = dialog().getByRole('region', { name: 'Devices' });
  await devices.getByText('This device').waitFor();
  await devices.getByRole('button', { name: 'Sign out', exact: true }).waitFor();
  await devices.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await devices.getByRole('button', { name: 'Sign out', exact: true }).waitFor({ state: 'detached' });
  expect(await devices.getByRole('listitem').count()).toBe(1);
  await expect(other.operations.listSessions()).rejects.toMatchObject({ code: 'unauthenticated' });
  other.close();
});

it('changes password and e-mail, by the present password', async () => {
  const change = await open('Change password');
  await change.getByLabel('New password').fill(better);
  await change.getByLabel('Present password').fill('a wrong password');
  ann.expectRefusals = true;
  await change.getByRole('button', { name: 'Change password' }).click();
  await change.getByText('password is wrong').waitFor();
  await change.getByLabel('Present password').fill(password);
  await change.getByRole('button', { name: 'Change password' }).click();
  await change.getByText('The password is changed.').waitFor();

  const email = await open('Change e-mail');
  await email.getByLabel('New e-mail').fill('new@example.org');
  await email.getByLabel('Present password').fill(better);
  await email.getByRole('button', { name: 'Change e-mail' }).click();
  await dialog().getByText(`${ann.username} · new@example.org`).waitFor();
});

it('closes the account, and opens it again from the sign-in form', async () => {
  const close = await open('Close account');
  await close.getByText('For 30 days you can open the account again').waitFor();
  await close.getByLabel('Present password').fill(better);
  await close.getByRole('button', { name: 'Close account' }).click();
  await ann.page.getByText('This account is closed. To open it again, log in within 30 days.').waitFor();
  await logIn(better);
  await ann.page.getByText('It can be opened again until').waitFor();
  await ann.page.getByRole('button', { name: 'Open the account again' }).click();
  await ann.page.getByRole('button', { name: 'New community' }).waitFor();
});

it('tells how long to wait after wrong passwords', async () => {
  await ann.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await ann.page.getByRole('button', { name: 'Log in', exact: true }).waitFor();
  const told = ann.page.getByText(/Try again in \d+ s\./);
  for (let i = 0; i < 12 && (await told.count()) === 0; i++) {
    const answered = ann.page.waitForResponse((response) => response.url().endsWith('/api/auth/login'));
    await logIn('a wrong password');
    await answered;
    await ann.page.getByRole('alert').waitFor();
  }
  await told.waitFor();
  expect(ann.complaints).toEqual([]);
});

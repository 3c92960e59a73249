import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { ParleyClient } from '../../src/client/index.js';
import { password } from '../cluster/people.js';
import { patienceMs } from '../until.js';

/** The page as a person uses it: by what is written on it, never by how it is built. */

export const openBrowser = (): Promise<Browser> => {
  const executablePath = process.env.CHROMIUM_PATH;
  if (!executablePath) throw new Error('browser tests need CHROMIUM_PATH: run them by npm test');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-default-apps',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
};

/** Somebody at a browser of their own, signed up on one node. */
export class Person {
  readonly name: string;
  readonly username: string;
  readonly url: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page did that it must not: errors, refused content, requests to elsewhere. */
  readonly complaints: string[] = [];
  /** While set, requests fail because the test took the network away. */
  isOffline = false;
  /** Set when the server is to refuse what the page asks: browsers write each such answer to the console. */
  expectRefusals = false;

  private constructor(name: string, username: string, context: BrowserContext, page: Page, url: string) {
    this.name = name;
    this.username = username;
    this.url = url;
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(String(error.stack)));
    page.on('console', (message) => {
      if (message.type() !== 'error' || this.isOffline || /ERR_INTERNET_DISCONNECTED/.test(message.text())) return;
      if (this.expectRefusals && /status of 4\d\d/.test(message.text())) return;
      this.complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${url}/`)) this.complaints.push(`a request to ${request.url()}`);
    });
  }

  /** Somebody who is not signed in and has opened no page yet. */
  static async arrive(browser: Browser, url: string, name: string, options: BrowserContextOptions = {}): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    const username = `${name.toLowerCase()}_${Math.random().toString(36).slice(2, 8)}`;
    return new Person(name, username, context, page, url);
  }

  static async signUp(browser: Browser, url: string, name: string, options: BrowserContextOptions = {}): Promise<Person> {
    const person = await Person.arrive(browser, url, name, options);
    await person.page.goto(url);
    await person.makeAccount();
    await person.page.getByRole('button', { name: 'New community' }).waitFor();
    return person;
  }

  /** The same person at another browser, signed in. */
  async atAnotherDevice(browser: Browser, url = this.url): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    const device = new Person(this.name, this.username, context, page, url);
    await page.goto(url);
    await device.logIn();
    await page.getByRole('button', { name: 'New community' }).waitFor();
    return device;
  }

  /** On the form for signing in. */
  async makeAccount(): Promise<void> {
    await this.page.getByRole('button', { name: 'Make an account' }).click();
    await this.page.getByLabel('Username').fill(this.username);
    await this.page.getByLabel('Name', { exact: true }).fill(this.name);
    await this.page.getByLabel('E-mail').fill(`${this.username}@example.org`);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign up' }).click();
  }

  /** On the form for signing in. */
  async logIn(): Promise<void> {
    await this.page.getByLabel('Username or e-mail').fill(this.username);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Log in', exact: true }).click();
  }

  async found(community: string): Promise<void> {
    await this.page.getByRole('button', { name: 'New community' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'New community' });
    await dialog.getByLabel('Name', { exact: true }).fill(community);
    await dialog.getByRole('button', { name: 'Found it' }).click();
    await this.page.getByRole('heading', { name: community }).waitFor();
  }

  async begin(thread: string): Promise<void> {
    await this.page.getByRole('button', { name: 'New thread' }).click();
    await this.page.getByLabel('Title').fill(thread);
    await this.page.getByRole('button', { name: 'Begin' }).click();
    await this.page.getByLabel('Message', { exact: true }).waitFor();
  }

  async join(community: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Browse communities' }).click();
    await this.page.getByPlaceholder('Look for a community').fill(community);
    await this.page.getByRole('dialog').getByRole('listitem').filter({ hasText: community }).getByRole('button', { name: 'Join' }).click();
    await this.page.getByRole('heading', { name: community }).waitFor();
  }

  async openThread(title: string): Promise<void> {
    await this.page.getByRole('link', { name: title }).click();
    await this.page.getByLabel('Message', { exact: true }).waitFor();
  }

  async say(text: string): Promise<void> {
    const box = this.page.getByLabel('Message', { exact: true });
    await box.fill(text);
    await box.press('Enter');
  }

  /** A message of the thread, by its whole text. */
  message(text: string) {
    return this.page.getByRole('article').filter({ has: this.page.getByText(text, { exact: true }) });
  }

  async sees(text: string): Promise<void> {
    await this.message(text).waitFor();
  }

  /** The texts of the messages as they stand there, from the top. */
  async reads(): Promise<string[]> {
    return this.page.getByRole('log').locator('.rich-text').allInnerTexts();
  }

  async setOffline(isOffline: boolean): Promise<void> {
    if (isOffline) this.isOffline = true;
    await this.context.setOffline(isOffline);
    if (!isOffline) this.isOffline = false;
  }

  /** The same person by the typed client: for what the page does not show. */
  async client(): Promise<ParleyClient> {
    const client = new ParleyClient({ urls: [this.url] });
    await client.login(this.username, password);
    return client;
  }

  /** By how many pixels the page is wider than its window. */
  overflow(): Promise<number> {
    return this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }
}

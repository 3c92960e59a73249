import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { storeCases } from '../unit/client-ledgers/store-cases.js';
import type { LedgerPage } from './ledger-page.js';
import { openBrowser } from './page.js';

/** Empty pages of one origin, with the client's store and tabs in them; no server is asked. */
describe('ledgers in a browser', () => {
  const origin = 'http://localhost/';
  let script: string;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    const entry = new URL('./ledger-page.ts', `file://${process.cwd()}/tests/browser/`).pathname;
    const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: 'iife', target: 'es2022', write: false });
    script = outputFiles[0]!.text;
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    await context.route(`${origin}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Empty</title>' }));
  });
  afterEach(async () => {
    await context.close();
  });

  const open = async (): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(origin);
    await page.addScriptTag({ content: script });
    return page;
  };
  const call = <T>(page: Page, run: (page: LedgerPage) => T): Promise<T> => page.evaluate(`(${run.toString()})(ledgerPage)`) as Promise<T>;
  const comes = (page: Page, holds: string): Promise<unknown> => page.waitForFunction(holds);

  it.each(Object.keys(storeCases))('its store %s', async (name) => {
    const page = await open();
    await page.evaluate((each) => globalThis.ledgerPage.runCase(each), name);
  });

  it('leaves a whole state, no older than what was acknowledged, when a page ends in the middle of saving', async () => {
    for (let round = 1; round <= 5; round++) {
      const page = await open();
      await call(page, (it) => it.saveOnAndOn());
      await comes(page, `ledgerPage.acknowledged >= ${round * 7}`);
      await page.close();
      const next = await open();
      const [rev, revs] = (await call(next, (it) => it.stored())) ?? [0, []];
      expect(rev).toBeGreaterThanOrEqual(round * 7);
      expect(revs).toEqual([rev]);
      await next.close();
    }
  });

  it('drops a member’s database though another tab has it open', async () => {
    const [one, two] = [await open(), await open()];
    await call(one, (it) => it.saveOnAndOn());
    await comes(one, 'ledgerPage.acknowledged > 0');
    expect(await call(two, (it) => it.stored())).not.toBeNull();
    await one.reload();
    await one.addScriptTag({ content: script });
    await call(one, (it) => it.dropAll());
    expect(await call(one, (it) => it.databases())).toEqual([]);
    expect(await call(two, (it) => it.stored())).toBeNull();
  });

  it('has one tab lead; another follows when it ends', async () => {
    const [one, two] = [await open(), await open()];
    await call(one, (it) => it.openTab());
    await comes(one, 'ledgerPage.isLeading()');
    await call(two, (it) => it.openTab());
    await call(one, (it) => it.tell('me'));
    await comes(two, 'ledgerPage.told.length === 1');
    expect(await call(two, (it) => it.isLeading())).toBe(false);
    expect(await call(one, (it) => it.told)).toEqual([]);
    await one.close();
    await comes(two, 'ledgerPage.isLeading()');
  });
});

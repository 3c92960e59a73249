import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { password, signUp } from '../cluster/people.js';
import { openBrowser, Person } from './page.js';

/** One page at which two people sign in; each test goes on where the one before it ended. */
describe('writing', () => {
  let cluster: TestCluster;
  let browser: Browser;
  let ann: Person;
  const community = `Words ${Math.random().toString(36).slice(2, 8)}`;
  const thread = 'Written';

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    browser = await openBrowser();
    ann = await Person.signUp(browser, cluster.urls[0]!, 'Ann');
    await ann.found(community);
    await ann.begin(thread);
  });

  afterAll(async () => {
    await browser?.close();
    await cluster?.stop();
  }, 60_000);

  const composer = () => ann.page.getByLabel('Message', { exact: true });
  const paste = async (box: Locator, text: string): Promise<void> => {
    // In one task: between two, the page may move the focus.
    await box.evaluate((field: HTMLTextAreaElement, pasted) => {
      field.focus();
      field.select();
      document.execCommand('insertText', false, pasted);
    }, text);
  };

  it('keeps and counts what is too long, and sends it once it is shortened', async () => {
    const { page } = ann;
    await paste(composer(), 'long '.repeat(2_400).trim());
    await page.getByText('11,999 of 10,000 characters: shorten it by 1,999.').waitFor();
    expect((await composer().inputValue()).length).toBe(11_999);
    await composer().press('Enter');
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
    expect((await composer().inputValue()).length).toBe(11_999);
    expect(await ann.reads()).toEqual([]);
    await paste(composer(), 'b'.repeat(10_000));
    await page.getByText('10,000 of 10,000 characters').waitFor();
    await composer().press('Enter');
    await ann.sees('b'.repeat(10_000));
  });

  it('keeps what is too long in an edit and in a form as well', async () => {
    const { page } = ann;
    await ann.say('short');
    await ann.message('short').hover();
    await ann.message('short').getByRole('button', { name: 'Edit' }).click();
    const edit = page.getByLabel('Edit message');
    await paste(edit, 'c'.repeat(10_300));
    await page.getByText('10,300 of 10,000 characters: shorten it by 300.').waitFor();
    await edit.press('Enter');
    expect((await edit.inputValue()).length).toBe(10_300);
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await edit.press('Escape');

    for (const [open, title, field, most] of [
      ['New thread', 'New thread', 'Title', 200],
      ['New community', 'New community', 'Name', 100],
      ['Search messages', 'Search messages', 'Words to look for', 200],
    ] as const) {
      await page.getByRole('button', { name: open }).click();
      const dialog = page.getByRole('dialog', { name: title });
      const box = dialog.getByLabel(field, { exact: true });
      await paste(box, 'd'.repeat(most + 7));
      await dialog.getByText(`${most + 7} of ${most} characters: shorten it by 7.`).waitFor();
      await box.press('Enter');
      expect([(await box.inputValue()).length, await dialog.isVisible()]).toEqual([most + 7, true]);
      await dialog.getByRole('button', { name: 'Close' }).click();
    }
  });

  it('sends nothing by the Enter that ends a composition, in whichever order it is told', async () => {
    const { page } = ann;
    const before = await ann.reads();
    await composer().fill('にほん');
    /** What browsers dispatch when Enter takes a word that an input method offers. */
    const orders = {
      'Chrome and Firefox': [
        ['keydown', { isComposing: true, keyCode: 229 }],
        ['compositionend', {}],
        ['keyup', { keyCode: 13 }],
      ],
      Safari: [
        ['compositionend', {}],
        ['keydown', { keyCode: 229 }],
        ['keyup', { keyCode: 13 }],
      ],
      'Safari, should it not mark the key': [
        ['compositionend', {}],
        ['keydown', { keyCode: 13 }],
        ['keyup', { keyCode: 13 }],
      ],
    } as const;
    for (const events of Object.values(orders)) {
      await composer().evaluate((el, order) => {
        el.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
        for (const [type, more] of order) {
          const init = { key: 'Enter', code: 'Enter', bubbles: true, cancelable: true, ...more };
          el.dispatchEvent(type === 'compositionend' ? new CompositionEvent(type, { bubbles: true }) : new KeyboardEvent(type, init));
        }
      }, events);
      expect([await composer().inputValue(), await ann.reads()]).toEqual(['にほん', before]);
    }
    // By the browser itself: composed, taken, and then sent by an Enter of its own.
    await composer().fill('');
    const devtools = await ann.context.newCDPSession(page);
    await devtools.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
    await devtools.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Enter', windowsVirtualKeyCode: 229 });
    await devtools.send('Input.insertText', { text: '日本' });
    expect([await composer().inputValue(), await ann.reads()]).toEqual(['日本', before]);
    await composer().press('Enter');
    await ann.sees('日本');
  });

  it('lays out text that runs from right to left as such, block by block', async () => {
    const { page } = ann;
    const log = page.getByRole('log');
    await composer().fill('שלום');
    expect(await directionOf(composer())).toBe('rtl');
    await ann.say('> ציטוט מהספר\n\n- ראשון\n- שני\n\n| שם | גיל |\n|---|---|\n| דנה | 7 |\n\nפסקה בעברית\n\nand one in English');
    await log.getByText('פסקה בעברית').waitFor();
    await ann.say('متن فارسی با `code` در آن');
    await log.getByText('متن فارسی').waitFor();
    for (const [what, expected] of [
      [log.getByText('פסקה בעברית'), 'rtl'],
      [log.getByText('and one in English'), 'ltr'],
      [log.locator('blockquote').last(), 'rtl'],
      [log.locator('ul', { hasText: 'ראשון' }).last(), 'rtl'],
      [log.locator('.rich-table').last(), 'rtl'],
      [log.getByText('متن فارسی'), 'rtl'],
    ] as const)
      expect(await directionOf(what)).toBe(expected);
    // The mark of an item stands at its right, and a paragraph begins there.
    const [list, item] = [await log.locator('ul', { hasText: 'ראשון' }).last().boundingBox(), await textBox(log.getByText('ראשון'))];
    expect(Math.round(list!.x + list!.width - item.right)).toBe(22);

    await ann.begin('שיחה על כתיבה');
    expect(await directionOf(page.getByRole('heading', { name: 'שיחה על כתיבה' }).first())).toBe('rtl');
    expect(await directionOf(page.getByRole('link', { name: 'שיחה על כתיבה' }).locator('.list-title'))).toBe('rtl');
    expect(await ann.overflow()).toBe(0);
  });

  it('shows nothing of it to whoever signs in next', async () => {
    const { page } = ann;
    const bob = await signUp(cluster.urls, 'bob');
    const bobName = (await bob.operations.getMember({ member_id: bob.memberId! })).username;
    const { items } = await bob.operations.listCommunities({ q: community });
    await bob.operations.joinAsMember({ community_id: items[0]!.id });

    const swap = async (name: string): Promise<void> => {
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      await page.getByRole('button', { name: 'Log in', exact: true }).waitFor();
      expect([await page.title(), new URL(page.url()).pathname]).toEqual(['Parley', '/']);
      await page.getByLabel('Username or e-mail').fill(name);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Log in', exact: true }).click();
      await page.getByRole('link', { name: community }).click();
      await ann.openThread(thread);
    };
    await ann.openThread(thread);
    await composer().fill('what Ann began');
    // It waits while one looks elsewhere.
    await ann.begin('Elsewhere');
    await ann.openThread(thread);
    expect(await composer().inputValue()).toBe('what Ann began');
    await page.getByRole('button', { name: 'Search messages' }).click();
    const search = page.getByRole('dialog', { name: 'Search messages' });
    await search.getByLabel('Words to look for').fill('what Ann looked for');
    await search.getByRole('button', { name: 'Close' }).click();
    await swap(bobName);
    expect(await composer().inputValue()).toBe('');
    await page.getByRole('button', { name: 'Search messages' }).click();
    expect(await search.getByLabel('Words to look for').inputValue()).toBe('');
    await search.getByRole('button', { name: 'Close' }).click();
    await composer().fill('what Bob began');
    await swap(ann.username);
    // One's own comes back: it is there on whatever device one signs in.
    await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>('.composer textarea')?.value === 'what Ann began');
    expect(await page.getByText(/what (Ann|Bob) /).count()).toBe(0);
    bob.close();
  });

  it('gave no cause for complaint', () => expect(ann.complaints).toEqual([]));
});

const directionOf = (what: Locator): Promise<string> => what.evaluate((el) => getComputedStyle(el).direction);

/** Where the text itself stands, whatever the width of its box. */
const textBox = (what: Locator): Promise<{ left: number; right: number }> =>
  what.evaluate((el) => {
    const range = document.createRange();
    range.selectNodeContents(el);
    const { left, right } = range.getBoundingClientRect();
    return { left, right };
  });

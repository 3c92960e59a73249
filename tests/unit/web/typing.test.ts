import { describe, expect, it } from '@jest/globals';
import { isComposing } from '../../../web/src/composition.js';
import { Drafts } from '../../../web/src/drafts.js';

describe('drafts', () => {
  it('are kept by member and place, and shown to nobody else', () => {
    const drafts = new Drafts();
    drafts.write('ann', 't1', 'a secret');
    drafts.write('ann', 't2', 'another');
    drafts.write('bob', 't1', 'from Bob');
    expect([drafts.read('ann', 't1'), drafts.read('ann', 't2'), drafts.read('bob', 't1'), drafts.read('bob', 't2')]).toEqual([
      'a secret',
      'another',
      'from Bob',
      '',
    ]);
  });

  it('go when they are sent, and all of them at sign-out', () => {
    const drafts = new Drafts();
    drafts.write('ann', 't1', 'one');
    drafts.write('ann', 't2', 'two');
    drafts.write('bob', 't1', 'three');
    drafts.write('ann', 't1', '');
    expect(drafts.read('ann', 't1')).toBe('');
    drafts.forget('ann');
    expect([drafts.read('ann', 't2'), drafts.read('bob', 't1')]).toEqual(['', 'three']);
  });
});

describe('a key that an input method takes', () => {
  it.each([
    ['Chrome and Firefox, before the composition ends', { isComposing: true, keyCode: 229 }, true],
    ['Firefox on some systems', { isComposing: true, keyCode: 13 }, true],
    ['Safari, after the composition has ended', { isComposing: false, keyCode: 229 }, true],
    ['Enter by itself', { isComposing: false, keyCode: 13 }, false],
  ])('%s', (_, event, expected) => expect(isComposing(event)).toBe(expected));
});

import { describe, expect, it } from '@jest/globals';
import { isComposing } from '../../../web/src/composition.js';

describe('a key that an input method takes', () => {
  it.each([
    ['Chrome and Firefox, before the composition ends', { isComposing: true, keyCode: 229 }, true],
    ['Firefox on some systems', { isComposing: true, keyCode: 13 }, true],
    ['Safari, after the composition has ended', { isComposing: false, keyCode: 229 }, true],
    ['Enter by itself', { isComposing: false, keyCode: 13 }, false],
  ])('%s', (_, event, expected) => expect(isComposing(event)).toBe(expected));
});

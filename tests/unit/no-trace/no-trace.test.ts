import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doors, opensAt } from '../../../src/catalogue/operation.js';
import { features } from '../../../src/features/index.js';
import { inOrder, inputsOf, unanswered } from './questions.js';
import { type Closed, askers, type Known, type Name, Story } from './story.js';

/** One question, with all that came of it. */
interface Row {
  question: string;
  answer: unknown;
  calls: Record<string, number>;
}

interface Told {
  rows: Row[];
  heard: Record<string, unknown[]>;
  known: Known;
  unanswered: string[];
}

/** So many operations are asked for before something goes on inside. */
const between = 7;

const told = async (elsewhere?: Closed): Promise<Told> => {
  const story = await Story.tell(elsewhere);
  const { house, known, people } = story;
  await story.live();
  const rows: Row[] = [];
  const missing: string[] = [];
  const ask = async (name: Name, question: string, asked: () => Promise<unknown>): Promise<unknown> => {
    house.name(question); if (process.env.NT_TRACE) process.stderr.write(`${performance.now().toFixed(0)} ${question}\n`);
    house.calls.clear();
    const answer = await asked();
    await house.quiet();
    rows.push({ question, answer, calls: Object.fromEntries([...house.calls].sort()) });
    return answer;
  };
  for (const [at, operation] of inOrder(house.operations).entries()) {
    if (at % between === 0) await story.meanwhile();
    await house.pass(1_000);
    for (const name of askers) {
      const person = people[name];
      for (const field of unanswered(operation, known, person)) missing.push(`${operation.name}.${field}`);
      for (const input of inputsOf(operation, known, person)) {
        for (const door of doors.filter((one) => opensAt(operation, one))) {
          await ask(name, `${name} ${door} ${operation.name} ${JSON.stringify(input)}`, () => person.ask(door, operation, input));
        }
      }
    }
  }
  await house.pass(60_000);
  const heard = Object.fromEntries(askers.map((name) => [name, people[name].heard]));
  await story.close();
  return { rows, heard, known, unanswered: [...new Set(missing)] };
};

let one: Told;
let other: Told;

beforeAll(async () => {
  one = await told();
  other = await told(one.known.closed);
}, 120_000);

test('every operation is asked for: with something in each field that it needs', () => {
  expect(one.unanswered).toEqual([]);
  const asked = new Set(one.rows.map(({ question }) => question.split(' ')[2]));
  const all = features.flatMap((feature) => feature.operations.map(({ operation }) => operation.name));
  expect(all.filter((name) => !asked.has(name))).toEqual([]);
});

/** Of two texts where they part, and a little of what follows. */
const parting = (a: string, b: string): string => {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const from = Math.max(0, at - 60);
  return `...${a.slice(from, at + 120)}... / ...${b.slice(from, at + 120)}...`;
};

/** What differs between two lists, in words. */
const differences = (a: readonly unknown[], b: readonly unknown[]): string[] =>
  [...Array(Math.max(a.length, b.length)).keys()].flatMap((at) => {
    const [one, two] = [JSON.stringify(a[at]) ?? 'nothing', JSON.stringify(b[at]) ?? 'nothing'];
    return one === two ? [] : [`${at}: ${parting(one, two)}`];
  });

test('answers with, and answers without what is closed', () => {
  const of = ({ rows }: Told) => rows.map(({ question, answer }) => ({ question, answer }));
  expect(differences(of(one), of(other))).toEqual([]);
});

test('calls', () => {
  const of = ({ rows }: Told) => rows.map(({ question, calls }) => `${question}: ${JSON.stringify(calls)}`);
  expect(differences(of(one), of(other))).toEqual([]);
});

test.each(askers)('%s hears the same', (name) => {
  expect(one.heard[name]!.length).toBeGreaterThan(0);
  expect(differences(one.heard[name]!, other.heard[name]!)).toEqual([]);
});

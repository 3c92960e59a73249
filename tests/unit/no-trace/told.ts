import { type Door, doors, type Operation, opensAt } from '../../../src/catalogue/operation.js';
import type { Input, Person } from './person.js';
import { inOrder, inputsOf, isAbout, unanswered } from './questions.js';
import { askers, type Closed, type Known, type Name, Story } from './story.js';

/** One question, with all that came of it. */
export interface Row {
  question: string;
  answer: unknown;
  /** Calls to the store until nothing was under way any more. */
  calls: Record<string, number>;
}

/** All that those who may not view what is closed were told in one world. */
export interface Told {
  known: Known;
  rows: Row[];
  /** Events on their connections. */
  heard: Record<Name, Person['heard']>;
  /** Fields for which there was nothing to ask with. */
  unanswered: string[];
}

/** So many operations are asked for before something goes on inside. */
const between = 7;
const pageSize = 2;
/** What comes through REST comes through one of these besides, in turns; the first of each operation through all. */
const connections: readonly Door[] = ['socket', 'websocket'];
const pagesAtMost = 8;

class Asking {
  readonly rows: Row[] = [];
  readonly unanswered = new Set<string>();

  constructor(private readonly story: Story) {}

  /** Those who were inside ask for it before anybody has forgotten that they were. */
  async soon(): Promise<void> {
    const { house, known, people } = this.story;
    for (const person of [people.former, people.taken]) {
      for (const operation of house.operations.filter((one) => opensAt(one, 'rest'))) {
        const inputs = inputsOf(operation, known, person).filter((input) => isAbout(input, known));
        for (const input of inputs) await this.#ask(person, 'rest', operation, input);
      }
    }
  }

  async everything(): Promise<void> {
    const { story } = this;
    const { house, people } = story;
    for (const [at, operation] of inOrder(house.operations).entries()) {
      if (at % between === 0) await story.meanwhile();
      await house.pass(1_000);
      for (const name of askers) await this.#everyWay(people[name], operation);
    }
  }

  async #everyWay(person: Person, operation: Operation): Promise<void> {
    const { known } = this.story;
    for (const field of unanswered(operation, known, person)) this.unanswered.add(`${operation.name}.${field}`);
    for (const [at, input] of inputsOf(operation, known, person).entries()) {
      const ways = doors.filter((door) => opensAt(operation, door) && (at === 0 || door !== connections[at % 2]));
      for (const door of ways) await this.#ask(person, door, operation, input);
      if ('cursor' in operation.input.shape) await this.#pages(person, operation, input);
    }
  }

  /** To the last page, or as far as it goes. */
  async #pages(person: Person, operation: Operation, input: Input): Promise<void> {
    let cursor: string | null | undefined;
    for (let page = 0; page < pagesAtMost && cursor !== null; page++) {
      const more = cursor === undefined ? {} : { cursor };
      const answer = await this.#ask(person, 'rest', operation, { ...input, limit: pageSize, ...more });
      cursor = (JSON.parse((answer as { body: string }).body) as { next_cursor?: string | null }).next_cursor ?? null;
    }
  }

  async #ask(person: Person, door: Door, operation: Operation, input: Input): Promise<unknown> {
    const { house } = this.story;
    const question = `${person.name} ${door} ${operation.name} ${JSON.stringify(input)}`;
    house.name(question);
    house.calls.clear();
    const answer = await person.ask(door, operation, input);
    await house.quiet();
    this.rows.push({ question, answer, calls: Object.fromEntries([...house.calls].sort()) });
    return answer;
  }
}

/** `elsewhere`: what was closed in the other world. There is nothing of it in this one. */
export const told = async (elsewhere?: Closed): Promise<Told> => {
  const story = await Story.open(elsewhere);
  const asking = new Asking(story);
  await story.begin();
  await asking.soon();
  await story.listen();
  await story.live();
  await asking.everything();
  await story.house.pass(60_000);
  const { known, people } = story;
  const heard = Object.fromEntries(askers.map((name) => [name, people[name].heard])) as Told['heard'];
  await story.close();
  return { known, rows: asking.rows, heard, unanswered: [...asking.unanswered] };
};

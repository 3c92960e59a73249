import type { Operation } from '../../../src/catalogue/operation.js';
import { type Input, type Person, password } from './person.js';
import type { Known } from './story.js';

/** Asked last, in this order: these change how whoever asks stands, or end their session. */
const last = [
  ...['join_as_member', 'accept_invite', 'leave_as_member', 'change_email', 'update_member', 'change_password', 'refresh'],
  ...['end_other_sessions', 'deactivate_member', 'logout'],
];

export const inOrder = (operations: readonly Operation[]): Operation[] => [
  ...operations.filter(({ name }) => !last.includes(name)),
  ...last.flatMap((name) => operations.filter((operation) => operation.name === name)),
];

type Values = (known: Known, asker: Person) => readonly unknown[];

/** What the world has for a field: of what everybody may know, and of what is closed. */
const found: Readonly<Record<string, Values>> = {
  community_id: ({ community }) => [community],
  thread_id: ({ thread, closed }) => [thread, closed.thread, closed.gone],
  message_id: ({ message, closed }) => [message, ...closed.messages],
  reply_to: ({ message, closed }) => [message, closed.messages[1]],
  content: () => ['a word', 'for @insider and @nobody'],
  ids: ({ closed }) => [closed.notifications],
  member_id: ({ people }, asker) => [people.insider, asker.id],
  member_ids: ({ people }) => [[people.insider]],
  author: ({ people }) => [people.insider],
  place: ({ community, thread, closed }) =>
    [community, thread, closed.thread, closed.gone].map((id, at) => `${at ? 'thread' : 'community'}:${id}`),
  ledger: ({ closed }) => ['me', `thread:${closed.thread}`],
  key: () => ['theme'],
  // Said, and taken back.
  level: () => ['none', 'all'],
  places: ({ community, closed }) => [[`community:${community}`, `thread:${closed.thread}`]],
  role_id: ({ role }) => [role],
  role_ids: ({ role }) => [[role]],
  subject: ({ community, people }) => [`role:${community}`, `member:${people.insider}`],
  code: ({ code }) => [code],
  invite_id: ({ invite }) => [invite],
  // Of nobody's.
  session_id: ({ invite }) => [invite],
  // In what is open and in what is closed; in what is closed alone; of people; in the title of a closed thread.
  q: () => ['whale', 'secret', 'insider', 'Closed'],
};

const account = (name: string, more: Input = {}): Input => ({ username: name, email: `${name}@example.org`, password, ...more });

/** Of single operations what goes before that. */
const own: Readonly<Record<string, (asker: Person) => Input>> = {
  register: ({ name }) => account(`${name}-2`),
  login: ({ name }) => ({ login: name, password }),
  reopen_account: ({ name }) => ({ login: name, password }),
  refresh: ({ refresh }) => ({ refresh_token: refresh }),
  change_password: () => ({ password, new_password: password }),
  change_email: ({ name }) => ({ password, email: `${name}-3@example.org` }),
  get_member_by_username: () => ({ username: 'insider' }),
  deactivate_member: () => ({ password }),
};

const valuesOf = ({ name, example }: Operation, field: string, known: Known, asker: Person): readonly unknown[] => {
  const given = own[name]?.(asker) ?? {};
  if (field in given) return [given[field]];
  return found[field]?.(known, asker) ?? (field in example ? [example[field]] : []);
};

const fieldsOf = ({ input }: Operation, isNeeded: boolean): string[] =>
  Object.entries(input.shape).flatMap(([field, schema]) => (schema.safeParse(undefined).success === isNeeded ? [] : [field]));

/** Needed fields for which there is nothing to ask with: an operation that is new has to be told of here. */
export const unanswered = (operation: Operation, known: Known, asker: Person): string[] =>
  fieldsOf(operation, true).filter((field) => valuesOf(operation, field, known, asker).length === 0);

/**
 * All with which somebody asks for an operation: each field that it needs with everything there is for it, each with each; then with what
 * its example has besides; and with everything there is for each field that it does not need.
 */
export const inputsOf = (operation: Operation, known: Known, asker: Person): Input[] => {
  let needed: Input[] = [{}];
  for (const field of fieldsOf(operation, true)) {
    const values = valuesOf(operation, field, known, asker);
    needed = needed.flatMap((input) => values.map((value) => ({ ...input, [field]: value })));
  }
  const more = fieldsOf(operation, false);
  const given: Input = { ...operation.example, ...own[operation.name]?.(asker) };
  const rest = Object.fromEntries(more.flatMap((field) => (field in given ? [[field, given[field]]] : [])));
  const filled = Object.keys(rest).length > 0 ? needed.map((input) => ({ ...input, ...rest })) : [];
  const others = more.flatMap((field) => (found[field]?.(known, asker) ?? []).map((value) => ({ ...needed[0], [field]: value })));
  const named = more.includes('nonce') ? needed.map((input, at) => ({ ...input, ...rest, nonce: `${asker.name} ${at}` })) : [];
  return [...needed, ...filled, ...others, ...named];
};

/** Whether it names what is closed. */
export const isAbout = ({ thread_id, message_id, place }: Input, { closed }: Known): boolean =>
  [closed.thread, closed.gone].some((thread) => thread_id === thread || place === `thread:${thread}`) ||
  closed.messages.includes(message_id as string);

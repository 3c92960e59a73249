import { type Operation } from '../../../src/catalogue/operation.js';
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

/** What the world has for a field: of what everybody may know, and of what is closed. */
const candidates: Record<string, (known: Known, asker: Person) => readonly unknown[]> = {
  community_id: ({ community }) => [community],
  thread_id: ({ thread, closed }) => [thread, closed.thread, closed.gone],
  message_id: ({ message, closed }) => [message, ...closed.messages],
  member_id: ({ people }, asker) => [people.insider, asker.id],
  author: ({ people }) => [people.insider],
  role_id: ({ role }) => [role],
  role_ids: ({ role }) => [[role]],
  subject: ({ community, people }) => [`role:${community}`, `member:${people.insider}`],
  member_ids: ({ people }) => [[people.insider]],
  reply_to: ({ message, closed }) => [message, closed.messages[0]],
  ids: ({ closed }) => [closed.notifications],
  code: ({ code }) => [code],
  invite_id: ({ invite }) => [invite],
  session_id: ({ invite }) => [invite],
  q: () => ['whale', 'secret', 'insider', 'Closed'],
};

/** Where neither the table nor the operation's own example says what to give. */
const others: Record<string, (asker: Person, at: number) => Input> = {
  register: (asker, at) => ({ username: `${asker.name}-${at}`, email: `${asker.name}-${at}@example.org`, password }),
  login: ({ name }) => ({ login: name, password }),
  reopen_account: ({ name }) => ({ login: name, password }),
  refresh: ({ refresh }) => ({ refresh_token: refresh }),
  change_password: () => ({ password, new_password: password }),
  change_email: ({ name }) => ({ password, email: `new-${name}@example.org` }),
  get_member_by_username: () => ({ username: 'insider' }),
  deactivate_member: () => ({ password }),
};

const isNeeded = (operation: Operation, field: string): boolean => !operation.input.shape[field]?.safeParse(undefined).success;

/** Needed fields for which there is nothing to ask with. */
export const unanswered = (operation: Operation, known: Known, asker: Person): string[] => {
  const given = { ...operation.example, ...others[operation.name]?.(asker, 0) };
  return Object.keys(operation.input.shape).filter(
    (field) => isNeeded(operation, field) && !(field in given) && !candidates[field]?.(known, asker).length,
  );
};

/** All with which somebody asks for an operation: with what there is and what is closed, in each field that could name it. */
export const inputsOf = (operation: Operation, known: Known, asker: Person): Input[] => {
  const given: Input = { ...operation.example, ...others[operation.name]?.(asker, 0) };
  const fields = Object.keys(operation.input.shape);
  let inputs: Input[] = [{}];
  for (const field of fields.filter((one) => isNeeded(operation, one))) {
    const own = others[operation.name] ? undefined : candidates[field]?.(known, asker);
    const values = own ?? candidates[field]?.(known, asker) ?? [];
    const all = others[operation.name] && field in given ? [given[field]] : values.length > 0 ? values : [given[field]];
    inputs = inputs.flatMap((input) => all.map((value) => ({ ...input, [field]: value })));
  }
  const bare = inputs[0] as Input;
  const more = fields.filter((field) => !isNeeded(operation, field) && field in candidates);
  const named = more.flatMap((field) => (candidates[field]?.(known, asker) ?? []).map((value) => ({ ...bare, [field]: value })));
  const rest = Object.fromEntries(Object.entries(given).filter(([field]) => fields.includes(field) && !isNeeded(operation, field)));
  const filled = Object.keys(rest).length > 0 ? inputs.map((input) => ({ ...input, ...rest })) : [];
  const nonces = 'nonce' in operation.input.shape ? inputs.map((input, at) => ({ ...input, ...rest, nonce: `${asker.name} ${at}` })) : [];
  return [...inputs, ...filled, ...named, ...nonces];
};

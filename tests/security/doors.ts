import { fieldsOfPath, waysOf } from '../../src/catalogue/catalogue.js';
import { type Operation, opensAt, type RestWay } from '../../src/catalogue/operation.js';
import type { ParleyClient } from '../../src/client/index.js';
import { features } from '../../src/features/index.js';
import { Fault } from '../../src/protocol/problem.js';
import { token } from '../cluster/people.js';
import { PlainClient, type PlainFrame } from '../plain-client.js';
import { type Asker, messageFor, targetOf, whom } from './asker.js';
import { operationCases } from './operation-cases.js';
import { type Answer, knock } from './rest-door.js';
import { idOf } from './trio.js';

export const operations: readonly Operation[] = features.flatMap((feature) => feature.operations.map(({ operation }) => operation));
export const operationNamed = (name: string): Operation => operations.find((operation) => operation.name === name) as Operation;

export type Way = Pick<RestWay, 'method' | 'path'>;
/** By its own way and all others. */
export const restWaysOf = (operation: Operation): Way[] => (opensAt(operation, 'rest') ? waysOf(operation) : []);
/** By its own name and all others. */
export const socketNamesOf = (operation: Operation): string[] =>
  opensAt(operation, 'socket') ? [operation.name, ...(operation.also ?? [])] : [];

/** What the scene has for a field that an operation needs. */
const ofScene: Record<string, (asker: Asker) => string | Promise<string>> = {
  community_id: ({ scene }) => scene.community.id,
  thread_id: ({ scene }) => scene.thread.id,
  message_id: messageFor,
  role_id: ({ scene }) => scene.role.id,
  member_id: (asker) => idOf(asker.subject === 'own' ? whom(asker) : targetOf(asker)),
};

/** Needed fields for which there is nothing: an operation that is new has to be told of in operation-cases.ts. */
export const unfilled = ({ name, input, example }: Operation): string[] =>
  operationCases[name]?.make
    ? []
    : Object.entries(input.shape).flatMap(([field, schema]) =>
        schema.safeParse(undefined).success || field in example || ofScene[field] ? [] : [`${name}.${field}`],
      );

/** A valid input, flat, made anew for whoever asks. */
export const inputFor = async (operation: Operation, asker: Asker): Promise<Record<string, unknown>> => {
  const own = operationCases[operation.name]?.make;
  if (own) return own(asker);
  const input: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(operation.input.shape)) {
    const find = ofScene[field];
    if (find && !schema.safeParse(undefined).success) input[field] = await find(asker);
  }
  return { ...input, ...operation.example };
};

/** Asks by one way of REST. */
export const byRest = (url: string, { method, path }: Way, input: Record<string, unknown>, token: string | null): Promise<Answer> => {
  const named = fieldsOfPath(path);
  const filled = path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(input[key])));
  const others = Object.entries(input).filter(([field]) => !named.includes(field));
  const query =
    method === 'get' && others.length > 0 ? `?${new URLSearchParams(others.map(([field, value]) => [field, String(value)]))}` : '';
  return knock(url, `/api${filled}${query}`, {
    method: method.toUpperCase(),
    token,
    ...(method !== 'get' && others.length > 0 && { json: Object.fromEntries(others) }),
  });
};

/** Asks by one name at the socket: `ok`, or the code of the failure. */
export const bySocket = (client: ParleyClient, name: string, input: Record<string, unknown>): Promise<string> =>
  client.emit(name as 'join_thread', input as { thread_id: string }).then(
    () => 'ok',
    (thrown: unknown) => Fault.from(thrown).code,
  );

const plain = new WeakMap<ParleyClient, PlainClient>();

/** A plain WebSocket of whoever asks, kept for the next request. */
const plainOf = async (url: string, client: ParleyClient): Promise<PlainClient> => {
  let open = plain.get(client);
  if (!open || open.end) {
    open = await PlainClient.of(url, await token(client));
    plain.set(client, open);
  }
  return open;
};

export const closePlain = (clients: readonly ParleyClient[]): void => {
  for (const client of clients) plain.get(client)?.close();
};

/** Asks by one name through a plain WebSocket. */
export const plainly = async (url: string, client: ParleyClient, name: string, input: Record<string, unknown>): Promise<PlainFrame> =>
  (await plainOf(url, client)).ask(name, input);

/** The same: `ok`, or the code of the failure. */
export const byPlainSocket = async (...asked: Parameters<typeof plainly>): Promise<string> => {
  const { ok, error } = await plainly(...asked);
  return ok ? 'ok' : String(error?.code);
};

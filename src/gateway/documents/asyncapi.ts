import { z } from 'zod';
import { allowText } from '../../authority/allow.js';
import type { ItemKind } from '../../catalogue/item-kind.js';
import { inputAt, type Operation, opensAt } from '../../catalogue/operation.js';
import { type LimitName, limits } from '../../protocol/access.js';
import { batchEvent } from '../../protocol/batch.js';
import { batch, type ServerEvent, serverEvents } from '../../protocol/events.js';
import { seq } from '../../protocol/primitives.js';
import { socketError } from '../../protocol/problem.js';
import { contractVersion } from '../../protocol/version.js';
import { type JsonSchema, SchemaComponents } from './schema-components.js';

const channel = { $ref: '#/channels/root' };
const messageRef = (key: string): JsonSchema => ({ $ref: `#/channels/root/messages/${key}` });

/** Some names go both ways (`typing`), so the document's keys say which. */
const keys = {
  command: (event: string): string => event,
  ack: (event: string): string => `${event}.ack`,
  event: (event: string): string => `${event}.event`,
};

/** What a client may send, as the document shows it. */
interface Command {
  name: string;
  summary: string;
  forWhom: string;
  limit: LimitName;
  payload: z.ZodType;
  data: z.ZodType;
}

/** What stands in an acknowledgement. */
const dataOf = ({ answer, wrapped }: Operation): z.ZodType => {
  if (wrapped !== undefined) return z.object({ [wrapped]: answer });
  return answer.def.type === 'undefined' ? z.object({}) : answer;
};

const commandsOf = (operations: readonly Operation[]): Command[] =>
  operations
    .filter((operation) => opensAt(operation, 'socket'))
    .flatMap((operation) => {
      const { name, summary, allow, limit, also = [] } = operation;
      const command = { name, summary, forWhom: allowText(allow), limit, payload: inputAt(operation, 'socket'), data: dataOf(operation) };
      return [command, ...also.map((other) => ({ ...command, name: other, summary: `The same as \`${name}\`` }))];
    });

/** An item of a kind as a device is given it. */
const itemOf = ({ kind, summary, value }: ItemKind): z.ZodType =>
  z.object({ kind: z.literal(kind), key: z.string(), rev: seq, value }).meta({ id: `Item.${kind}`, description: summary });

const kindsIn = (items: readonly ItemKind[]): string =>
  items.length === 0 ? '' : ` Kinds of items: ${items.map(({ kind, ledger }) => `\`${kind}\` in \`${ledger}\``).join(', ')}.`;

/**
 * The socket door as an AsyncAPI 3.0 document, made from the tables that the door itself is made from. `items`: what
 * ledgers hold.
 */
export const asyncApi = (all: readonly Operation[], items: readonly ItemKind[] = []): JsonSchema => {
  const components = new SchemaComponents('draft-7');
  const messages: Record<string, JsonSchema> = {};
  const operations: Record<string, JsonSchema> = {};

  for (const { name, ...event } of commandsOf(all)) {
    const limit = limits[event.limit];
    messages[keys.command(name)] = { name, title: name, summary: event.summary, payload: components.of(event.payload, 'input') };
    const ack = z.union([z.object({ ok: z.literal(true), data: event.data }), z.object({ ok: z.literal(false), error: socketError })]);
    messages[keys.ack(name)] = { name: `${name} (acknowledgement)`, title: `${name}, acknowledged`, payload: components.of(ack, 'output') };
    operations[keys.command(name)] = {
      action: 'receive',
      channel,
      summary: event.summary,
      description: `For: ${event.forWhom}. Limit \`${event.limit}\`: ${limit.points} in ${limit.seconds} s by ${limit.by}.`,
      messages: [messageRef(keys.command(name))],
      reply: { channel, messages: [messageRef(keys.ack(name))] },
    };
  }
  for (const [name, event] of Object.entries<ServerEvent>({ ...serverEvents, [batchEvent]: batch })) {
    messages[keys.event(name)] = { name, title: name, summary: event.summary, payload: components.of(event.payload, 'output') };
    operations[keys.event(name)] = {
      action: 'send',
      channel,
      summary: event.summary,
      description: `To ${event.to}.${name === 'ledger_changed' ? kindsIn(items) : ''}`,
      messages: [messageRef(keys.event(name))],
    };
  }
  for (const item of items) components.of(z.array(itemOf(item)), 'output');

  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Parley, live',
      version: contractVersion,
      description:
        'Socket.IO v4. Every client event takes an acknowledgement: `{ok: true, data}` or `{ok: false, error}`. Subscribers see the ' +
        'changes of a thread in the order of `rev`; a client that sees a hole calls `sync_thread`. One that says `pack: 1` in its ' +
        'handshake gets the events of one moment in one packet, `batch`; others get them one by one. Plain WebSockets are ' +
        'served at `/ws`: ' +
        'frames `{action, ref?, …payload}`, answered `{ref, ok, data}` or `{ref, ok: false, error}`; events `{event, …payload}`.',
    },
    defaultContentType: 'application/json',
    servers: {
      parley: {
        host: '{host}',
        pathname: '/socket.io',
        protocol: 'wss',
        description:
          'The server that also answers REST; namespace `/`, `auth: {token, protocol?: 2, pack?: 1}` with an access token; ' +
          '`protocol` says which version of the contract a client knows, 1 when absent, and changes nothing of what is sent ' +
          'so far. One try a connection: another token needs another connection',
        variables: { host: { default: 'localhost:3000' } },
        security: [{ $ref: '#/components/securitySchemes/access_token' }],
      },
      plain: {
        host: '{host}',
        pathname: '/ws',
        protocol: 'wss',
        description:
          'The same without Socket.IO; an access token as `?token=`, or within 5 s a first frame `{action: "authenticate", token}`',
        variables: { host: { default: 'localhost:3000' } },
        security: [{ $ref: '#/components/securitySchemes/access_token' }],
      },
    },
    channels: {
      root: {
        address: '/',
        title: 'The Socket.IO namespace, or the plain WebSocket',
        servers: [{ $ref: '#/servers/parley' }, { $ref: '#/servers/plain' }],
        messages,
      },
    },
    operations,
    components: {
      securitySchemes: {
        access_token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Sent as `auth: {token}` of the handshake' },
      },
      schemas: components.all,
    },
  };
};

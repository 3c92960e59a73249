import fc, { type Arbitrary } from 'fast-check';
import { type Part, parts } from './cast.js';
import type { Documents } from './documents.js';
import { fitting, hostile, hostileText, mutated, mutation, type Sources } from './values.js';

/** What goes over one connection, in turn. */
export type Step =
  /** A packet as Socket.IO writes it; `number` null: it asks for no acknowledgement. */
  | { kind: 'event'; event: string; args: unknown[]; isAsked: boolean }
  /** Any frame of text. */
  | { kind: 'frame'; text: string; times: number }
  | { kind: 'binary'; hex: string };

export interface SocketCase {
  as: Part;
  transport: 'websocket' | 'polling';
  /** Whether it joins the namespace first. */
  enters: boolean;
  steps: Step[];
}

const frames = [
  // Of Engine.IO: its kinds, in order and out of it.
  ...['', '0', '1', '2', '2probe', '3', '3probe', '4', '5', '6', '7', '9', '-1', 'x', '0{"sid":"x"}', '\u0000', 'b', 'bAAAA', '4\ud800'],
  // Of Socket.IO: kinds, namespaces, numbers and attachments that do not belong.
  ...[
    '40',
    '40{}',
    '40null',
    '40[]',
    '40{"token":1}',
    '40{"token":{}}',
    '40/admin,',
    '40/,{}',
    `40/${'a'.repeat(2_000)},`,
    '41',
    '41/x,',
    '44',
    '44{"message":"x"}',
  ],
  ...[
    '42',
    '42[]',
    '42[1]',
    '42[null]',
    '42{}',
    '42"x"',
    '42[',
    '42["x"',
    '42["join_thread"]',
    '42["join_thread",null]',
    '421',
    '4299999999999999999999["x"]',
    '42-1["x"]',
  ],
  ...[
    '42/x,1["y"]',
    '42["__proto__",{}]',
    '421["constructor",{}]',
    '421["toString"]',
    '421["disconnect"]',
    '421["connect"]',
    '421["error",{}]',
    '421["newListener"]',
  ],
  ...[
    '43',
    '43[]',
    '430[]',
    '431["x"]',
    '43999["x",{}]',
    '45',
    '450-["x"]',
    '451-["x",{"_placeholder":true,"num":0}]',
    '4599999-["x"]',
    '46',
    '461-1[]',
    '47',
    '48',
  ],
  ...[
    `421["join_thread",${'['.repeat(3_000)}]`,
    `42["${'x'.repeat(70_000)}"]`,
    `421["join_thread",{"a":${'9'.repeat(400)}}]`,
    '421["join_thread",{"__proto__":{"a":1}}]',
  ],
];

const stepOf = (documents: Documents, sources: Sources): Arbitrary<Step> => {
  const events = documents.events.map(({ name, payload }) => {
    const fit = fitting(payload, sources);
    const broken = fc.tuple(fit, fc.array(mutation, { minLength: 1, maxLength: 3 })).map(([value, how]) => mutated(value, how));
    return fc.record({
      kind: fc.constant('event' as const),
      event: fc.constant(name),
      args: fc.oneof(
        { weight: 5, arbitrary: fit.map((value) => [value]) },
        { weight: 5, arbitrary: broken.map((value) => [value]) },
        { weight: 1, arbitrary: fc.array(hostile, { maxLength: 4 }) },
      ),
      isAsked: fc.oneof({ weight: 8, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    });
  });
  const unknown = fc.record({
    kind: fc.constant('event' as const),
    event: hostileText,
    args: fc.array(hostile, { maxLength: 2 }),
    isAsked: fc.boolean(),
  });
  const frame = fc.record({
    kind: fc.constant('frame' as const),
    text: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...frames) }, { weight: 1, arbitrary: hostileText.map((text) => `4${text}`) }),
    times: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 60 }) }),
  });
  const binary = fc.record({
    kind: fc.constant('binary' as const),
    hex: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  });
  return fc.oneof(
    { weight: 10, arbitrary: fc.oneof(...events) },
    { weight: 1, arbitrary: unknown },
    { weight: 3, arbitrary: frame },
    { weight: 1, arbitrary: binary },
  );
};

export const socketCases = (documents: Documents, ids: Sources['ids']): Arbitrary<SocketCase> => {
  const sources: Sources = { ids, resolve: (ref) => documents.resolve(ref, 'socket') };
  return fc.record({
    as: fc.constantFrom<Part>('owner', 'owner', 'member', 'member', ...parts),
    transport: fc.constantFrom('websocket', 'websocket', 'websocket', 'polling'),
    enters: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    steps: fc.array(stepOf(documents, sources), { minLength: 1, maxLength: 6 }),
  });
};

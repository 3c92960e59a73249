import type { Bound } from '../../src/catalogue/bound.js';
import { type Catalogue, fieldsOfPath, waysOf } from '../../src/catalogue/catalogue.js';
import { Fault } from '../../src/kernel/errors.js';
import type { SimProcess } from './process.js';
import type { Random } from './random.js';
import { callerOf, type SimNode } from './sim-node.js';

const address = '10.0.0.1';

interface Answer {
  status: number;
  body: unknown;
}

/** What one way of an operation takes, of a path below /api. */
interface Way {
  bound: Bound;
  fields: string[];
  path: RegExp;
  method: string;
}

const waysInto = new WeakMap<Catalogue, Way[]>();

const waysOfAll = (catalogue: Catalogue): Way[] => {
  let ways = waysInto.get(catalogue);
  if (!ways) {
    ways = catalogue.all.flatMap((bound) =>
      waysOf(bound.operation).map(({ method, path }) => ({
        bound,
        method: method.toUpperCase(),
        fields: fieldsOfPath(path),
        path: new RegExp(`^/api${path.replace(/:\w+/g, '([^/]+)')}$`),
      })),
    );
    // Fixed addresses before those with fields, as the real door has it.
    ways.sort((x, y) => x.fields.length - y.fields.length);
    waysInto.set(catalogue, ways);
  }
  return ways;
};

const ofQuery = (value: string): unknown => (/^\d+$/.test(value) ? Number(value) : value === 'true' ? true : value);

/** Carried out by the node's own catalogue, through its one pipeline. */
const carryOut = async (node: SimNode, url: URL, init: RequestInit | undefined): Promise<Answer> => {
  const method = init?.method ?? 'GET';
  const { catalogue, invoke } = node.operations;
  for (const way of waysOfAll(catalogue)) {
    const found = way.method === method ? way.path.exec(url.pathname) : null;
    if (!found) continue;
    const headers = (init?.headers ?? {}) as Record<string, string>;
    const token = (headers.authorization ?? '').replace('Bearer ', '');
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as object) : {};
    const named = way.fields.map((field, n) => [field, decodeURIComponent(found[n + 1] as string)]);
    const asked = [...url.searchParams].map(([field, value]) => [field, ofQuery(value)]);
    try {
      const { answer } = await invoke.carryOut(way.bound, {
        door: 'rest',
        origin: { address, request_id: 'rest', user_agent: null },
        identify: () => callerOf(token, address, 'rest'),
        read: () => ({ ...Object.fromEntries([...named, ...asked]), ...body }),
      });
      return { status: 200, body: answer };
    } catch (thrown) {
      const fault = Fault.from(thrown);
      return { status: fault.status, body: { ...fault.toJSON(), detail: fault.message } };
    }
  }
  throw new Error(`nothing takes ${method} ${url.pathname}`);
};

/** `fetch` for a simulated client: to whichever node listens at the origin, over a network that takes time. */
export const simFetch =
  (client: SimProcess, random: Random, nodeAt: (origin: string) => SimNode | undefined): typeof fetch =>
  (input, init) =>
    new Promise((resolve, reject) => {
      const { time } = client;
      const url = new URL(input as string);
      const failed = (): void => client.deliver(() => reject(new TypeError('fetch failed')));
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      time.after(random.between(1, 20), () => {
        const node = nodeAt(url.origin);
        if (!node || node.process.dead) return failed();
        const forget = node.process.onDeath(() => time.after(random.between(1, 20), failed));
        node.process.deliver(() => {
          if (!node.listening) return failed();
          void carryOut(node, url, init).then(({ status, body }) => {
            forget();
            const text = body === undefined || body === null ? '' : JSON.stringify(body);
            const response = { ok: status < 400, status, text: async () => text, headers: { get: () => null } };
            time.after(random.between(1, 20), () => client.deliver(() => resolve(response as unknown as Response)));
          }, reject);
        });
      });
    });

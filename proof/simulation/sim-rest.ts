import { Fault } from '../../src/kernel/errors.js';
import type { SimProcess } from './process.js';
import type { Random } from './random.js';
import { callerOf, type SimNode } from './sim-node.js';

type Route = [
  method: string,
  path: RegExp,
  run: (node: SimNode, token: string, ids: string[], url: URL, body: unknown) => Promise<unknown>,
];

const caller = (token: string) => callerOf(token, '10.0.0.1', 'rest');

/** The routes that a simulated client uses, carried out by the node's real operations. */
const routes: Route[] = [
  [
    'GET',
    /^\/api\/messages\/thread\/(\w+)$/,
    (node, token, [thread], url) => {
      const query = Object.fromEntries([...url.searchParams].map(([name, value]) => [name, Number(value)]));
      return node.history.page(caller(token), thread!, query);
    },
  ],
  ['GET', /^\/api\/threads\/(\w+)$/, (node, token, [thread]) => node.threads.get(caller(token), thread!)],
  [
    'GET',
    /^\/api\/communities\/(\w+)\/members$/,
    (node, token, [community]) => node.memberships.list(caller(token), community!, { limit: 100 }),
  ],
  ['POST', /^\/api\/communities\/(\w+)\/join$/, (node, token, [community]) => node.memberships.join(caller(token), community!)],
  ['POST', /^\/api\/communities\/(\w+)\/leave$/, (node, token, [community]) => node.memberships.leave(caller(token), community!)],
  [
    'DELETE',
    /^\/api\/communities\/(\w+)\/members\/(\w+)$/,
    (node, token, [id, member_id]) => node.memberships.remove(caller(token), { id: id!, member_id: member_id! }),
  ],
  [
    'PUT',
    /^\/api\/communities\/(\w+)\/members\/(\w+)$/,
    (node, token, [id, member_id], _url, body) =>
      node.memberships.change(caller(token), { id: id!, member_id: member_id! }, body as { is_banned?: boolean }),
  ],
];

interface Answer {
  status: number;
  body: unknown;
}

const carryOut = async (node: SimNode, url: URL, init: RequestInit | undefined): Promise<Answer> => {
  const method = init?.method ?? 'GET';
  for (const [verb, path, run] of routes) {
    const found = verb === method ? path.exec(url.pathname) : null;
    if (!found) continue;
    const headers = (init?.headers ?? {}) as Record<string, string>;
    const token = (headers.authorization ?? '').replace('Bearer ', '');
    try {
      const body = init?.body === undefined || init.body === null ? undefined : (JSON.parse(init.body as string) as unknown);
      return { status: 200, body: await run(node, token, found.slice(1), url, body) };
    } catch (thrown) {
      const fault = Fault.from(thrown);
      return { status: fault.status, body: { ...fault.toJSON(), detail: fault.message } };
    }
  }
  throw new Error(`the simulation has no route ${method} ${url.pathname}`);
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

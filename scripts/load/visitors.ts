import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { randomToken } from '../../src/kernel/ids.js';
import type { Community, Thread } from '../../src/protocol/resources.js';

/** An account for load tests. Kept in a file of the data directory, so that the next run makes no new ones. */
interface Account {
  target: string;
  login: string;
  password: string;
}
export interface Visitor {
  login: string;
  password: string;
  token: string;
}
export interface Place {
  id: string;
  threads: string[];
}

const communitiesUsed = 10;
const threadsUsed = 50;

/** Speaks to the server as anyone may. Rejects with the status and code of a refusal. */
class Door {
  constructor(private readonly target: string) {}

  async call<T>(method: string, path: string, token?: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.target}/api${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
    if (response.status === 204) return undefined as T;
    const answer = (await response.json().catch(() => ({}))) as T & { code?: string };
    if (!response.ok) throw new Refused(`${method} ${path}: ${response.status} ${answer.code ?? ''}`, answer.code);
    return answer;
  }
}

class Refused extends Error {
  constructor(
    message: string,
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

/** Members of the server with a fresh access token each, at most `count`: known ones sign in, missing ones are registered. */
export const gatherVisitors = async (target: string, count: number, file: string, log: (line: string) => void): Promise<Visitor[]> => {
  const door = new Door(target);
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Account[]) : [];
  const others = kept.filter((account) => account.target !== target);
  const mine: Account[] = [];
  const visitors: Visitor[] = [];
  const enter = async (path: string, account: Account, body: object): Promise<void> => {
    const { access_token } = await door.call<{ access_token: string }>('POST', path, undefined, body);
    mine.push(account);
    visitors.push({ login: account.login, password: account.password, token: access_token });
  };
  try {
    for (const account of kept.filter((one) => one.target === target).slice(0, count)) {
      await enter('/auth/login', account, { login: account.login, password: account.password }).catch((error: unknown) => {
        if (!(error instanceof Refused) || error.code !== 'unauthenticated') throw error;
      });
    }
    while (visitors.length < count) {
      const login = `load-${randomToken(6).replace(/[^A-Za-z0-9]/g, 'x')}`;
      const account = { target, login, password: randomToken(18) };
      await enter('/auth/register', account, { username: login, email: `${login.toLowerCase()}@load.invalid`, password: account.password });
    }
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'rate_limited' || visitors.length === 0) throw error;
    log(`the server lets only ${visitors.length} visitors in at a time (rate limits)`);
  } finally {
    writeFileSync(file, JSON.stringify([...others, ...mine]), { mode: 0o600 });
  }
  return visitors;
};

/** Where the visitors go: the liveliest public communities, which all of them join, and their newest threads. */
export const choosePlaces = async (target: string, visitors: readonly Visitor[]): Promise<Place[]> => {
  const door = new Door(target);
  const [first] = visitors;
  if (!first) return [];
  const all = (await door.call<{ items: Community[] }>('GET', '/communities?limit=100', first.token)).items;
  const chosen = all
    .filter((community) => community.is_public)
    .sort((a, b) => b.member_count - a.member_count)
    .slice(0, communitiesUsed);
  const places: Place[] = [];
  for (const { id } of chosen) {
    const threads = (await door.call<{ items: Thread[] }>('GET', `/threads/community/${id}?limit=${threadsUsed}`, first.token)).items;
    if (threads.length === 0) continue;
    for (const visitor of visitors) await door.call('POST', `/communities/${id}/join`, visitor.token);
    places.push({ id, threads: threads.map((thread) => thread.id) });
  }
  return places;
};

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { collectionsOf } from '../../../src/catalogue/assembled.js';
import type { AccountRules } from '../../../src/catalogue/auth.js';
import { features } from '../../../src/features/index.js';
import { unlimitedGuesses } from '../../../src/gateway/limits/guesses.js';
import { noLimits } from '../../../src/gateway/limits/limiter.js';
import { noShedding } from '../../../src/gateway/limits/overload.js';
import type { Guesses, Limiter, Shedder } from '../../../src/gateway/ports.js';
import type { RestDoorParts } from '../../../src/gateway/rest/door.js';
import { type Clock, systemClock } from '../../../src/kernel/clock.js';
import type { Lifecycle } from '../../../src/kernel/lifecycle.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { compose } from '../../../src/roles/compose.js';
import { peopleAuth } from '../../../src/roles/people-auth.js';
import { peopleDoors } from '../../../src/roles/people-doors.js';
import type { Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { LocalBroadcast, secret } from './people.js';

export interface Person {
  id: string;
  username: string;
  token: string;
  refresh: string;
}

/** A whole server without sockets, Redis or MongoDB: the REST door, the real actors, the store's twin. */
export class RestHouse {
  readonly store: Store;
  readonly broadcast = new LocalBroadcast();
  readonly telemetry = new Telemetry();
  readonly lines: string[] = [];
  readonly url: string;
  readonly #server: Server;
  readonly #parts: Lifecycle;
  #people = 0;

  private constructor(server: Server, parts: Lifecycle, store: Store) {
    this.#server = server;
    this.#parts = parts;
    this.store = store;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async open(
    over: {
      http?: Partial<RestDoorParts['http']>;
      readiness?: RestDoorParts['readiness'];
      limiter?: Limiter;
      guesses?: Guesses;
      accountRules?: Partial<AccountRules>;
      clock?: Clock;
      shedder?: Shedder;
      admins?: string[];
      store?: Store;
    } = {},
  ): Promise<RestHouse> {
    const clock = over.clock ?? systemClock;
    const store = over.store ?? createMemoryStore({ clock, collections: collectionsOf(features) });
    const lines: string[] = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const logger = createLogger({ level: 'debug', node: 'test' }, sink);
    const telemetry = new Telemetry();
    const broadcast = new LocalBroadcast();
    const { limiter = noLimits, guesses = unlimitedGuesses, shedder = noShedding } = over;
    const http = {
      ...{ publicUrl: null, corsOrigins: [], trustProxy: 0, forwardedHeader: null, allowedHosts: [], host: '127.0.0.1' },
      ...{ metricsToken: null, webRoot: 'does-not-exist', port: 0, ...over.http },
    };
    const auth = {
      ...{ secret, previousSecret: null, accessSeconds: 900, refreshDays: 30, sessionDays: 90, admins: over.admins ?? [] },
      ...{ signUp: 'open' as const, reopenDays: 30, ...over.accountRules },
    };
    let server: Server | undefined;
    const { parts } = compose({
      ...{ name: 'test', store, clock, logger, telemetry, publicUrl: http.publicUrl },
      bounds: () => ({ shedder, limiter, guesses }),
      actors: (list, { kinds }) => {
        const system = new LocalActorSystem({ kinds, clock, logger, telemetry });
        list.use({ name: 'actors', stop: () => system.stop() });
        return { system };
      },
      people: peopleAuth({ config: { auth }, broadcast }),
      doors: (list, house) => {
        const readiness = over.readiness ?? (async () => ({ ok: true }));
        const doors = peopleDoors({ config: { http, limits: { enabled: true } }, readiness })(list, house);
        server = doors.http;
        return doors;
      },
    });
    await parts.start();
    const house = new RestHouse(server!, parts, store);
    return Object.assign(house, { lines, telemetry, broadcast });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await this.#parts.stop();
  }

  async ask(
    method: string,
    path: string,
    options: { by?: Person | undefined; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(options.by && { authorization: `Bearer ${options.by.token}` }),
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body !== undefined && { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, text, body: isJson && text ? (JSON.parse(text) as Body) : {} };
  }

  async person(name?: string): Promise<Person> {
    this.#people += 1;
    const username = name ?? `person${this.#people}`;
    const { status, body, text } = await this.ask('POST', '/api/auth/register', {
      body: { username, email: `${username}@example.org`, password: 'correct horse' },
    });
    if (status !== 201) throw new Error(text);
    return { id: body.member.id, username, token: body.access_token, refresh: body.refresh_token };
  }
}

/** Whatever came; the tests say what it must be. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what is under test
export type Body = any;
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: Body;
}

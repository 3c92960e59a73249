import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { domainKinds } from '../../../src/actors/domain/kinds.js';
import { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { assemble, collectionsOf, slicesOf } from '../../../src/catalogue/assembled.js';
import { features } from '../../../src/features/index.js';
import { AccessTokens } from '../../../src/gateway/auth/access-tokens.js';
import { TokenAuthenticator } from '../../../src/gateway/auth/authenticator.js';
import { DeviceTokens } from '../../../src/gateway/auth/device-tokens.js';
import { SessionLiveness } from '../../../src/gateway/auth/liveness.js';
import { Passwords } from '../../../src/gateway/auth/passwords.js';
import { Sessions } from '../../../src/gateway/auth/sessions.js';
import { unlimitedGuesses } from '../../../src/gateway/limits/guesses.js';
import { noLimits } from '../../../src/gateway/limits/limiter.js';
import { noShedding } from '../../../src/gateway/limits/overload.js';
import type { AccountRules } from '../../../src/gateway/operations/account-rules.js';
import { MessageOperations } from '../../../src/gateway/operations/messages.js';
import { createOperations } from '../../../src/gateway/operations/operations.js';
import { ActorPlaces } from '../../../src/gateway/places.js';
import type { Guesses, Limiter, Shedder } from '../../../src/gateway/ports.js';
import { createRestDoor, type RestDoorParts } from '../../../src/gateway/rest/door.js';
import { securityHeaderLines } from '../../../src/gateway/rest/security.js';
import { createHttpServer } from '../../../src/gateway/rest/server.js';
import { ThreadDirectory } from '../../../src/gateway/thread-directory.js';
import { type Clock, systemClock } from '../../../src/kernel/clock.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { LocalBroadcast, secret } from './people.js';

const silent = (): void => undefined;

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
  readonly #actors: LocalActorSystem;
  #people = 0;

  private constructor(server: Server, actors: LocalActorSystem, store: Store) {
    this.#server = server;
    this.#actors = actors;
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
    const kinds = domainKinds({
      store,
      fanout: { publish: silent, reached: silent, evict: silent, close: silent },
      nudge: { changed: silent, deleted: silent },
      slices: slicesOf(features),
    });
    const actors = new LocalActorSystem({ kinds, clock, logger, telemetry });
    const broadcast = new LocalBroadcast();
    const access = new AccessTokens({ secret, previousSecret: null, seconds: 900, clock });
    const sessions = new Sessions({ store, access, broadcast, clock, secret, refreshDays: 30, sessionDays: 90 });
    const liveness = new SessionLiveness({ store, broadcast, clock, tokenSeconds: 900 });
    const limiter = over.limiter ?? noLimits;
    const shedder = over.shedder ?? noShedding;
    const places = new ActorPlaces(actors, new ThreadDirectory(store.threads));
    const ports = { store, actors, clock, publicUrl: over.http?.publicUrl ?? null };
    const { app } = createRestDoor({
      ...assemble(features, { limiter, shedder, places, clock, ports }),
      operations: createOperations({
        store,
        actors,
        clock,
        passwords: new Passwords(),
        guesses: over.guesses ?? unlimitedGuesses,
        limiter,
        devices: new DeviceTokens(secret, clock),
        sessions,
        accountRules: { signUp: 'open', reopenDays: 30, ...over.accountRules },
        messages: new MessageOperations({ actors, store, clock }),
      }),
      authenticator: new TokenAuthenticator(access, liveness, over.admins ?? []),
      limiter,
      shedder,
      clock,
      logger,
      telemetry,
      readiness: over.readiness ?? (async () => ({ ok: true })),
      http: {
        publicUrl: null,
        corsOrigins: [],
        trustProxy: 0,
        forwardedHeader: null,
        allowedHosts: [],
        host: '127.0.0.1',
        metricsToken: null,
        webRoot: 'does-not-exist',
        ...over.http,
      },
    });
    const server = createHttpServer(app, securityHeaderLines(over.http?.publicUrl ?? null));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const house = new RestHouse(server, actors, store);
    return Object.assign(house, { lines, telemetry, broadcast });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#actors.stop();
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

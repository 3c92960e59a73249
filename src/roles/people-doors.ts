import { createAddressReader, createProxyCheck } from '../gateway/address.js';
import { AccessTokens } from '../gateway/auth/access-tokens.js';
import { TokenAuthenticator } from '../gateway/auth/authenticator.js';
import { DeviceTokens } from '../gateway/auth/device-tokens.js';
import { SessionLiveness } from '../gateway/auth/liveness.js';
import { Passwords } from '../gateway/auth/passwords.js';
import { Sessions } from '../gateway/auth/sessions.js';
import { MessageOperations } from '../gateway/operations/messages.js';
import { createOperations } from '../gateway/operations/operations.js';
import type { SessionBroadcast } from '../gateway/ports.js';
import { createRestDoor, type RestDoorParts } from '../gateway/rest/door.js';
import { standBefore } from '../gateway/rest/front.js';
import { securityHeaderLines } from '../gateway/rest/security.js';
import { close, createHttpServer, listen } from '../gateway/rest/server.js';
import { connectionBounds } from '../gateway/socket/admission.js';
import type { Config } from '../kernel/config.js';
import type { Lifecycle } from '../kernel/lifecycle.js';
import type { Doors, House } from './ports.js';
import { readinessOf } from './readiness.js';

/** Origins whose pages may open sockets. The installation's own is named, since a proxy may have written another Host. */
const pagesOf = ({ corsOrigins, publicUrl }: RestDoorParts['http']): string[] => [
  ...corsOrigins,
  ...(publicUrl === null ? [] : [publicUrl]),
];

export interface PeopleDoorsOptions {
  config: Pick<Config, 'auth' | 'limits'> & { http: RestDoorParts['http'] & Pick<Config['http'], 'port'> };
  /** Tells the sockets of all nodes that sessions have ended; the hub's when absent. */
  broadcast?: SessionBroadcast;
  /** What `/health` says; by the state of the parts when absent. */
  readiness?: RestDoorParts['readiness'];
}

/** The doors for people: REST, the page, and what sockets need to know of who comes in. */
export const peopleDoors =
  ({ config, readiness, ...given }: PeopleDoorsOptions) =>
  (parts: Lifecycle, house: House): Doors => {
    const { store, actors, clock, logger, telemetry, shedder, limiter, guesses, hub } = house;
    const { catalogue, invoke } = house.operations;
    const broadcast = given.broadcast ?? hub?.sessions;
    if (!broadcast) throw new Error('without live events nobody hears of ended sessions');
    const passwords = parts.use(new Passwords());
    const { secret, previousSecret, accessSeconds, refreshDays, sessionDays, admins } = config.auth;
    const access = new AccessTokens({ secret, previousSecret, seconds: accessSeconds, clock });
    const liveness = new SessionLiveness({ store, broadcast, clock, tokenSeconds: accessSeconds });
    const authenticator = new TokenAuthenticator(access, liveness, admins);
    const sessions = new Sessions({ store, access, broadcast, clock, secret, refreshDays, sessionDays });
    const messages = new MessageOperations({ actors, store, clock });
    const devices = new DeviceTokens(secret, clock);
    const operations = createOperations({
      ...{ store, actors, clock, passwords, guesses, limiter, devices, sessions, messages },
      accountRules: config.auth,
    });
    const { app, entrance } = createRestDoor({
      ...{ operations, catalogue, invoke, authenticator, limiter, shedder, clock, logger, telemetry },
      readiness: readiness ?? readinessOf(parts, house),
      http: config.http,
    });
    const headers = securityHeaderLines(config.http.publicUrl);
    const http = createHttpServer(app, headers);
    return {
      http,
      sockets: {
        ...{ authenticator, messages, reads: operations.reads, headers },
        origins: pagesOf(config.http),
        connections: config.limits.enabled ? connectionBounds : null,
        addressOf: createAddressReader(config.http.trustProxy, config.http.forwardedHeader),
        isProxy: createProxyCheck(config.http.trustProxy),
      },
      front: hub && (() => standBefore(http, { entrance, rest: app, headers, telemetry })),
      listen: () => listen(http, config.http),
      close: () => close(http),
    };
  };

import { createAddressReader, createProxyCheck } from '../gateway/address.js';
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
  config: Pick<Config, 'limits'> & { http: RestDoorParts['http'] & Pick<Config['http'], 'port'> };
  /** What `/health` says; by the state of the parts when absent. */
  readiness?: RestDoorParts['readiness'];
}

/** The doors for people: REST, the page, and what sockets need to know of who comes in. */
export const peopleDoors =
  ({ config, readiness }: PeopleDoorsOptions) =>
  (parts: Lifecycle, house: House): Doors => {
    const { people, limiter, clock, logger, telemetry, hub } = house;
    if (!people) throw new Error('doors for people need to know who people are');
    const { authenticator } = people;
    const { catalogue, invoke } = house.operations;
    const { app, entrance } = createRestDoor({
      ...{ catalogue, invoke, authenticator, limiter, clock, logger, telemetry },
      readiness: readiness ?? readinessOf(parts, house),
      http: config.http,
    });
    const headers = securityHeaderLines(config.http.publicUrl);
    const http = createHttpServer(app, headers);
    return {
      http,
      sockets: {
        ...{ authenticator, headers },
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

import type { IncomingMessage } from 'node:http';
import { type ErrorCode, Fault } from '../../kernel/errors.js';
import { bounds } from '../../protocol/primitives.js';
import { createForwardedHostReader } from '../address.js';
import { isAtWebSocketDoor, readTarget } from '../websocket/address.js';
import { hasBody } from './body.js';
import { createHostRules, type HostOptions } from './hosts.js';
import { isBadParameter, plainPath } from './spelling.js';

/** What is wrong with a request before anybody asks what it wants. `status` where HTTP has a finer word than the table of errors. */
export interface Refusal {
  fault: Fault;
  status: number;
  headers?: Record<string, string>;
}
export type Entrance = (request: IncomingMessage) => Refusal | undefined;

export interface EntranceOptions extends HostOptions {
  trustProxy: number | readonly string[];
}

const maxHeaders = 100;
/** Two of them would let a proxy read one and this server the other. */
const single = new Set(['host', 'authorization', 'content-type', 'content-length', 'content-encoding', 'transfer-encoding', 'origin']);
const probes = new Set(['/healthz', '/readyz']);
export const socketPath = '/socket.io/';
const socketMethods = new Set(['GET', 'POST', 'OPTIONS']);

/** Methods of which no route takes a body. */
const bodiless = new Set(['GET', 'HEAD', 'OPTIONS']);

const refuse = (code: ErrorCode, words: string, status?: number, headers?: Record<string, string>): Refusal => {
  const fault = new Fault(code, words);
  return { fault, status: status ?? fault.status, ...(headers && { headers }) };
};

const badHeaders = (request: IncomingMessage): Refusal | undefined => {
  const names = request.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  if (names.length > maxHeaders) return refuse('validation_failed', `A request has ${maxHeaders} header lines at most`, 431);
  const seen = new Set<string>();
  for (const name of names) {
    if (single.has(name) && seen.has(name)) return refuse('validation_failed', `A request has one ${name} header at most`);
    seen.add(name);
  }
  if (seen.has('content-length') && seen.has('transfer-encoding')) return refuse('validation_failed', 'A body has one length');
  if (!seen.has('host') && request.httpVersion !== '1.0') return refuse('validation_failed', 'A request needs a Host header');
  return undefined;
};

/** Why a request at the plain WebSocket door does not become one. */
const badWebSocket = ({ method, headers }: IncomingMessage, target: string): Refusal | undefined => {
  if (method !== 'GET') return refuse('validation_failed', 'This address takes GET', 405, { Allow: 'GET' });
  if (!readTarget(target)) return refuse('validation_failed', 'The address is /ws or /ws/{member_id}, with one token at most');
  if (headers.upgrade?.toLowerCase() === 'websocket') return undefined;
  return refuse('validation_failed', 'This address takes WebSockets', 426, { Upgrade: 'websocket' });
};

/**
 * The one look at every request, whichever door it is for: headers that can be read in one way alone, a path in its one spelling,
 * and a name by which this server may be called.
 */
export const createEntrance = (options: EntranceOptions): Entrance => {
  const isOurs = createHostRules(options);
  const forwardedHosts = createForwardedHostReader(options.trustProxy);
  return (request) => {
    const bad = badHeaders(request);
    if (bad) return bad;
    const target = request.url ?? '';
    const path = plainPath(target);
    if (path === undefined) {
      return isBadParameter(target)
        ? refuse('validation_failed', 'The path does not have the expected form')
        : refuse('not_found', 'There is nothing at this address');
    }
    const { host } = request.headers;
    const hosts = [...(host === undefined ? [] : [host]), ...forwardedHosts(request)];
    const at = { localAddress: request.socket.localAddress, probe: probes.has(path) };
    if (!hosts.every((name) => isOurs(name, at))) {
      return refuse('forbidden', 'This server is not known by the name in the Host header: PUBLIC_URL or ALLOWED_HOSTS must name it');
    }
    if (bodiless.has(request.method ?? '') && hasBody(request)) return refuse('validation_failed', 'A request of this method has no body');
    if (path.startsWith(socketPath)) {
      if (path !== socketPath) return refuse('not_found', 'There is nothing at this address');
      if (!socketMethods.has(request.method ?? ''))
        return refuse('validation_failed', 'This address takes GET, POST', 405, { Allow: 'GET, POST' });
      if (Number(request.headers['content-length']) > bounds.frameBytes) return refuse('payload_too_large', 'The packets are too large');
    }
    return isAtWebSocketDoor(path) ? badWebSocket(request, target) : undefined;
  };
};

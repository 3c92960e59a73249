import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Fault } from '../../kernel/errors.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { answerRaw } from '../raw-answer.js';
import { isAtWebSocketDoor } from '../websocket/address.js';
import { ArrivingRequest } from './arriving-request.js';
import { askForBody } from './continue.js';
import { type Entrance, socketPath } from './entrance.js';
import { Pipelines } from './pipelines.js';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;
type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface Front {
  entrance: Entrance;
  /** Refuses what the entrance refuses, in its own words and with its log line. */
  rest: Listener;
  /** What every answer has. */
  headers: Readonly<Record<string, string>>;
  telemetry: Pick<Telemetry, 'boundsMet'>;
}

/**
 * Puts the entrance before the socket door, whose listeners must be there already: it takes its requests before the REST door sees
 * them. Every answer of that door then has the headers that the REST door's have. Before both doors stands the bound on requests that
 * wait for no answer.
 */
export const standBefore = (server: Server, front: Front): void => {
  const doors = server.listeners('request') as Listener[];
  const pipelines = new Pipelines(front.telemetry);
  /** Connections that end with the answer that is under way. What else comes on them may lack its beginning. */
  const ending = new WeakSet<Socket>();
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (!pipelines.admits(request, response) || ending.has(request.socket)) return;
    if (request instanceof ArrivingRequest && request.isOfferIgnored) {
      ending.add(request.socket);
      response.setHeader('Connection', 'close');
    }
    if (request.url?.startsWith(socketPath)) {
      if (front.entrance(request)) return front.rest(request, response);
      for (const [name, value] of Object.entries(front.headers)) response.setHeader(name, value);
      askForBody(request, response);
    }
    for (const door of doors) door.call(server, request, response);
  });
  const upgrades = server.listeners('upgrade') as UpgradeListener[];
  server.removeAllListeners('upgrade');
  server.on('upgrade', (request, socket, head) => {
    const refusal = front.entrance(request);
    if (refusal) return answerRaw(socket, refusal.status, refusal.fault, { ...front.headers, ...refusal.headers });
    if (!request.url?.startsWith(socketPath) && !isAtWebSocketDoor(request.url)) {
      return answerRaw(socket, 404, new Fault('not_found', 'There is nothing to upgrade at this address'), front.headers);
    }
    for (const door of upgrades) door.call(server, request, socket, head);
  });
};

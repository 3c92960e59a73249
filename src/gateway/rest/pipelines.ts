import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Telemetry } from '../../kernel/telemetry.js';

/** Requests of one HTTP connection that have no answer yet. Browsers and proxies send one after the other; some libraries send a few. */
export const mostPipelined = 16;

/**
 * Bounds requests that are sent on one connection without waiting for answers. A thousand of them fit one piece that is read, and are
 * parsed in one turn of the event loop: the work, and the answers that wait for their turn, would be a thousand times those of one.
 */
export class Pipelines {
  readonly #telemetry: Pick<Telemetry, 'boundsMet'>;
  readonly #unanswered = new WeakMap<Socket, number>();

  constructor(telemetry: Pick<Telemetry, 'boundsMet'>) {
    this.#telemetry = telemetry;
  }

  /** False: the connection is ended, and nothing may be done for the request. */
  admits({ socket }: IncomingMessage, response: ServerResponse): boolean {
    // The rest of the piece is parsed all the same.
    if (socket.destroyed) return false;
    const count = (this.#unanswered.get(socket) ?? 0) + 1;
    if (count > mostPipelined) {
      this.#telemetry.boundsMet.inc({ bound: 'pipelined' });
      socket.destroy();
      return false;
    }
    this.#unanswered.set(socket, count);
    response.once('close', () => this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1));
    return true;
  }
}

import { Acknowledgement } from './frames.js';
import { type Outlet, writeFrames } from './outlet.js';

/** Socket.IO's socket, which makes the function that answers a request by its id. tests/integration/socket/outlet.test.ts holds the name. */
export interface Acknowledging extends Outlet {
  ack(id: number): (answer: unknown) => void;
}

/** Has requests of this socket answered the way that events go; where the name is missing, they are answered Socket.IO's way. */
export const acknowledgeDirectly = (socket: Acknowledging): void => {
  if (typeof socket.ack !== 'function') return;
  socket.ack = (id) => {
    let isAnswered = false;
    return (answer) => {
      if (isAnswered) return;
      // An answer that cannot be written as JSON throws, and leaves the request open for a refusal.
      const written = new Acknowledgement(id, answer);
      isAnswered = true;
      writeFrames(socket, written, { direct: true });
    };
  };
};

import type { IncomingMessage, ServerResponse } from 'node:http';

const held = new WeakSet<IncomingMessage>();

/** Its sender waits to hear that the body is wanted (`Expect: 100-continue`). */
export const holdContinue = (request: IncomingMessage): void => {
  held.add(request);
};

/**
 * To be called right before a body is read: tells a sender who waits that it is wanted. Where it is never called, the
 * answer stands alone, and Node ends the connection with it: nobody knows whether the body still comes.
 */
export const askForBody = (request: IncomingMessage, response: ServerResponse): void => {
  if (held.delete(request)) response.writeContinue();
};

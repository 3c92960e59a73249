import type { FaultJson } from '../../kernel/errors.js';
import { textFrame } from '../socket/frames.js';
import { type Outlet, type Written, writeFrames } from '../socket/outlet.js';
import type { Ref } from './frame.js';

/** `{ref, ok, data}` or `{ref, ok: false, error}`; without `ref` where the frame had none. */
export class PlainAnswer implements Written {
  readonly plain: Buffer;
  readonly packets: readonly [string];

  constructor(ref: Ref | undefined, answer: { ok: true; data: unknown } | { ok: false; error: FaultJson }) {
    const text = JSON.stringify({ ref, ...answer });
    this.plain = textFrame(text);
    this.packets = [text];
  }

  get single(): Buffer {
    return this.plain;
  }

  get packed(): Buffer {
    return this.plain;
  }
}

/** By what a frame is answered, on its way through Socket.IO, which has a number there. */
export class AnsweredBy {
  constructor(readonly ref: Ref | undefined) {}
}

/** Socket.IO's socket, which makes the function that answers. tests/integration/socket/plain.test.ts holds the name. */
export interface Answering extends Outlet {
  ack(by: unknown): (answer: { ok: true; data: unknown } | { ok: false; error: FaultJson }) => void;
}

/** Has frames of this socket answered as plain JSON. Who gave no `ref` is told of failures alone. */
export const answerPlainly = (socket: Answering, options: { direct: boolean }): void => {
  socket.ack = (by) => {
    const ref = by instanceof AnsweredBy ? by.ref : undefined;
    let isAnswered = false;
    return (answer) => {
      if (isAnswered || (answer.ok && ref === undefined)) return;
      // An answer that cannot be written as JSON throws, and leaves the frame open for a refusal.
      const written = new PlainAnswer(ref, answer);
      isAnswered = true;
      writeFrames(socket, written, options);
    };
  };
};

import type { Message } from '../../src/protocol/resources.js';

/**
 * Which of the loaded messages are drawn: so many from a seq on, or (null) the last so many. While one reads further up
 * the first one is held, so that what comes at the end takes nothing away at the top.
 */
export interface MessageWindow {
  first: number | null;
  count: number;
}

export const maxRows = 300;
/** At the end, more rows than this are let go again. */
const manyRows = 200;
const step = 60;
export const newest: MessageWindow = { first: null, count: 100 };

const startOf = (messages: readonly Message[], { first, count }: MessageWindow): number => {
  if (first === null) return Math.max(0, messages.length - count);
  const found = messages.findIndex((message) => message.seq >= first);
  return found < 0 ? messages.length : found;
};

const from = (messages: readonly Message[], index: number): MessageWindow => ({ first: messages[index]?.seq ?? null, count: maxRows });

export const rowsOf = (messages: readonly Message[], window: MessageWindow): readonly Message[] => {
  const start = startOf(messages, window);
  return messages.slice(start, start + window.count);
};

/** More above, at the cost of the lowest once there are too many; null when nothing above is loaded. */
export const grownUp = (messages: readonly Message[], window: MessageWindow): MessageWindow | null => {
  const start = startOf(messages, window);
  return start === 0 ? null : from(messages, Math.max(0, start - step));
};

/** More below, at the cost of the highest; null when the newest is drawn already. */
export const grownDown = (messages: readonly Message[], window: MessageWindow): MessageWindow | null => {
  const start = startOf(messages, window);
  return start + window.count >= messages.length ? null : from(messages, start + step);
};

/** With a message near its beginning, and some of what stands before it. */
export const around = (messages: readonly Message[], seq: number): MessageWindow =>
  from(messages, Math.max(0, startOf(messages, { first: seq, count: maxRows }) - step));

/** The same rows, held or let go as one reads further up or at the end; the same object when nothing is to change. */
export const settled = (messages: readonly Message[], window: MessageWindow, isAtEnd: boolean): MessageWindow => {
  const start = startOf(messages, window);
  if (!isAtEnd) return window.first === null && messages.length > 0 ? from(messages, start) : window;
  return window.first !== null && messages.length - start > manyRows && start + window.count >= messages.length ? newest : window;
};

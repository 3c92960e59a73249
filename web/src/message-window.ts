import type { Message } from '../../src/protocol/resources.js';

/** Which of the loaded messages are drawn: so many, up to a seq or (null) up to the newest. */
export interface MessageWindow {
  last: number | null;
  count: number;
}

export const maxRows = 300;
const step = 60;
export const newest: MessageWindow = { last: null, count: 100 };

/** Where the drawn messages end in the list. */
const endOf = (messages: readonly Message[], last: number | null): number => {
  if (last === null) return messages.length;
  let end = messages.length;
  while (end > 0 && messages[end - 1]!.seq > last) end--;
  return end;
};

export const rowsOf = (messages: readonly Message[], { last, count }: MessageWindow): readonly Message[] => {
  const end = endOf(messages, last);
  return messages.slice(Math.max(0, end - count), end);
};

/** More above, at the cost of the lowest once there are too many; null when nothing above is loaded. */
export const grownUp = (messages: readonly Message[], { last, count }: MessageWindow): MessageWindow | null => {
  const end = endOf(messages, last);
  const start = Math.max(0, end - count);
  if (start === 0) return null;
  const first = Math.max(0, start - step);
  const cut = Math.min(end, first + maxRows);
  return { last: cut === messages.length ? null : messages[cut - 1]!.seq, count: cut - first };
};

/** More below, at the cost of the highest; null when the newest is drawn already. */
export const grownDown = (messages: readonly Message[], { last, count }: MessageWindow): MessageWindow | null => {
  if (last === null) return null;
  const end = endOf(messages, last);
  const start = Math.max(0, end - count);
  const cut = Math.min(messages.length, end + step);
  const size = Math.min(maxRows, cut - start);
  return { last: cut === messages.length ? null : messages[cut - 1]!.seq, count: size };
};

/** With a message in the middle, or as near to it as the loaded ones reach. */
export const around = (messages: readonly Message[], seq: number): MessageWindow => {
  const end = Math.min(messages.length, endOf(messages, seq) + step);
  return { last: end === messages.length ? null : messages[end - 1]!.seq, count: Math.min(maxRows, step * 2) };
};

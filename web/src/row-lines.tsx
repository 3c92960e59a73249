import { isDeleted } from '../../src/client/index.js';
import type { LiveMessage, Message } from '../../src/protocol/resources.js';
import { dayOf, isSameDay } from './time.js';

const dateOf = (message: Message): string | null => (isDeleted(message) ? null : (message as LiveMessage).created_at);

interface LinesProps {
  message: Message;
  before: Message | undefined;
  firstNew: number | null;
  children: preact.ComponentChildren;
}

/** A message with the lines above it: a new day, and where the unread ones begin. */
export const RowWithLines = ({ message, before, firstNew, children }: LinesProps) => {
  const date = dateOf(message);
  const last = before ? dateOf(before) : null;
  return (
    <>
      {date && (before === undefined || (last !== null && !isSameDay(last, date))) && (
        <h3 class="day-line">
          <time dateTime={date.slice(0, 10)}>{dayOf(date)}</time>
        </h3>
      )}
      {message.seq === firstNew && (
        <div class="new-line">
          <span>New</span>
        </div>
      )}
      {children}
    </>
  );
};

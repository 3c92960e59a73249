import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { isDeleted, type ThreadView } from '../../src/client/index.js';
import type { CommunityRole, Member, Message } from '../../src/protocol/resources.js';
import { Icon } from './icon.js';
import { mentionedIn, mentionWords } from './mentioned.js';
import { type MessageActions, MessageRow } from './message-row.js';
import { newest, rowsOf, settled } from './message-window.js';
import { PendingRow } from './pending-row.js';
import { nameOf } from './person.js';
import type { Place } from './place.js';
import { useReading } from './reading.js';
import { RichText } from './rich-text.js';
import { moveByKey } from './row-keys.js';
import { RowWithLines } from './row-lines.js';
import { useScroll } from './scroll.js';
import { type Failed, shownOf, useShown } from './shown.js';
import { isSameDay } from './time.js';

interface MessageListProps {
  view: ThreadView;
  place: Place;
  memberId: string;
  memberOf: (id: string) => Member | undefined;
  presenceOf: (id: string) => Member['presence']['state'] | undefined;
  roleOf: (id: string) => CommunityRole | undefined;
  mayDelete: boolean;
  editing: string | null;
  actions: MessageActions;
  /** Says something to the reader beside the list, or takes it back. */
  tell: (text: string | null) => void;
}

/** Messages of one author within so long are drawn under one name. */
const togetherMs = 5 * 60_000;

/** The messages of a thread, oldest first; at most some hundred are drawn, around what is looked at. */
export const MessageList = ({
  view,
  place,
  memberId,
  memberOf,
  presenceOf,
  roleOf,
  mayDelete,
  editing,
  actions,
  tell,
}: MessageListProps) => {
  const { pending, thread, excerpt } = view.state;
  const { messages, hasOlder } = shownOf(view);
  const [active, setActive] = useState<number | null>(null);
  const { window, setWindow, failed, setFailed, up, down } = useShown(view);
  const rows = useMemo(() => rowsOf(messages, window), [messages, window]);
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);
  const isNewest = excerpt === null && rows.at(-1) === messages.at(-1);
  const { box, inside, onScroll, isAtEnd, toEnd, showNext } = useScroll({
    rows,
    tail: pending,
    isNewest,
    up,
    down,
    onLook: (inView) => reading.onLook(inView),
  });
  const reading = useReading({ view, memberId, place, showNext, setWindow, setFailed, tell });
  const { line } = reading;

  useLayoutEffect(() => setWindow((now) => settled(messages, now, isAtEnd && excerpt === null)), [messages, isAtEnd]);

  // What one sends is shown, wherever one was reading.
  const newestPending = pending.at(-1)?.nonce;
  const latest = (): void => {
    reading.goToNewest();
    setWindow(newest);
    toEnd();
  };
  useEffect(() => {
    if (!newestPending) return;
    reading.dropLine();
    latest();
  }, [newestPending]);

  const tabStop = active !== null && rows.some((row) => row.seq === active) ? active : (rows.at(-1)?.seq ?? null);
  return (
    <div class="messages-frame">
      <div
        ref={box}
        class="messages"
        role="log"
        aria-label="Messages"
        aria-live={isAtEnd && isNewest ? 'polite' : 'off'}
        onScroll={onScroll}
        onKeyDown={(event) => moveByKey(event, inside.current)}
        onFocusCapture={(event) => {
          const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-seq]') : null;
          if (row) setActive(Number(row.dataset.seq));
        }}
      >
        <div ref={inside}>
          {hasOlder || rows[0]?.seq !== messages[0]?.seq || failed?.isAbove ? (
            <More failed={failed?.isAbove ? failed : null} words="Loading older messages…" />
          ) : (
            thread && (
              <div class="messages-begin">
                <h3 dir="auto">{thread.title}</h3>
                {thread.content && <RichText content={thread.content} mentioned={mentionedIn(mentionWords(thread, memberOf, memberId))} />}
                {messages.length === 0 && pending.length === 0 && <p class="quiet">Nothing has been said yet. Say something.</p>}
              </div>
            )
          )}
          {rows.map((message, i) => {
            const before = rows[i - 1];
            return (
              <RowWithLines key={message.seq} message={message} before={before} firstNew={line}>
                <MessageRow
                  message={message}
                  compact={isTogether(before, message) && message.seq !== line}
                  author={isDeleted(message) ? undefined : memberOf(message.author)}
                  presence={isDeleted(message) ? undefined : presenceOf(message.author)}
                  role={isDeleted(message) ? undefined : roleOf(message.author)}
                  isMine={!isDeleted(message) && message.author === memberId}
                  mayDelete={mayDelete}
                  isActive={message.seq === tabStop}
                  isEditing={editing === message.id}
                  isFlashing={reading.flash === message.seq}
                  mentioned={isDeleted(message) ? '' : mentionWords(message, memberOf, memberId)}
                  {...repliedOf(message, byId, memberOf)}
                  actions={actions}
                />
              </RowWithLines>
            );
          })}
          {isNewest && pending.map((send) => <PendingRow key={send.nonce} send={send} actions={actions} />)}
          {!isNewest && <More failed={failed && !failed.isAbove ? failed : null} words="Loading newer messages…" />}
        </div>
      </div>
      {(!isAtEnd || !isNewest) && (
        <button type="button" class={`to-latest${reading.unseen > 0 ? ' has-new' : ''}`} onClick={latest}>
          <Icon name="down" /> {newestWords(reading.unseen, reading.isMoreUnseen)}
        </button>
      )}
    </div>
  );
};

const More = ({ failed, words }: { failed: Failed | null; words: string }) => (
  <div class="messages-more quiet">
    {failed ? (
      <button type="button" class="text-button" onClick={failed.retry}>
        Messages could not be loaded. Try again
      </button>
    ) : (
      words
    )}
  </div>
);

const newestWords = (unseen: number, isMore: boolean): string => {
  if (unseen === 0) return 'Jump to newest';
  if (isMore) return `More than ${unseen} new messages`;
  return unseen === 1 ? '1 new message' : `${unseen} new messages`;
};

const isTogether = (before: Message | undefined, message: Message): boolean =>
  before !== undefined &&
  !isDeleted(before) &&
  !isDeleted(message) &&
  before.author === message.author &&
  message.reply_to === null &&
  Date.parse(message.created_at) - Date.parse(before.created_at) < togetherMs &&
  isSameDay(before.created_at, message.created_at);

/** What a reply answers, as far as it is known here. */
const repliedOf = (message: Message, byId: Map<string, Message>, memberOf: MessageListProps['memberOf']) => {
  if (isDeleted(message) || message.reply_to === null) return { replied: undefined, repliedName: undefined };
  const replied = byId.get(message.reply_to);
  return { replied, repliedName: replied && !isDeleted(replied) ? nameOf(memberOf(replied.author)) : undefined };
};

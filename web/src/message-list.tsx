import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isDeleted, type ThreadView } from '../../src/client/index.js';
import type { Member, Message } from '../../src/protocol/resources.js';
import { Icon } from './icon.js';
import { mentionedIn, mentionWords } from './mentioned.js';
import { type MessageActions, MessageRow } from './message-row.js';
import { around, grownDown, grownUp, newest, rowsOf, settled } from './message-window.js';
import { PendingRow } from './pending-row.js';
import { nameOf } from './person.js';
import type { Place } from './place.js';
import { RichText } from './rich-text.js';
import { RowWithLines } from './row-lines.js';
import { useScroll } from './scroll.js';
import { isSameDay } from './time.js';
import { useIsVisible } from './visible.js';

interface MessageListProps {
  view: ThreadView;
  place: Place;
  memberId: string;
  memberOf: (id: string) => Member | undefined;
  presenceOf: (id: string) => Member['presence']['state'] | undefined;
  isModerator: boolean;
  editing: string | null;
  actions: MessageActions;
}

/** Messages of one author within so long are drawn under one name. */
const togetherMs = 5 * 60_000;
/** Pages of older messages that a jump may load. */
const jumpPages = 40;

/** The messages of a thread, oldest first; at most some hundred are drawn, around what is looked at. */
export const MessageList = ({ view, place, memberId, memberOf, presenceOf, isModerator, editing, actions }: MessageListProps) => {
  const { state } = view;
  const { messages, pending, hasOlder, thread } = state;
  const [window, setWindow] = useState(newest);
  const [active, setActive] = useState<number | null>(null);
  const [flash, setFlash] = useState<number | null>(null);
  const [isFailed, setIsFailed] = useState(false);
  const rows = useMemo(() => rowsOf(messages, window), [messages, window]);
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);
  const isNewest = rows.at(-1) === messages.at(-1);

  const up = (): void => {
    const grown = grownUp(messages, window);
    if (grown) setWindow(grown);
    else if (hasOlder && !isFailed) load();
  };
  const load = (): void => {
    setIsFailed(false);
    view.loadOlder().then(
      () => setWindow((now) => grownUp(view.state.messages, now) ?? now),
      () => setIsFailed(true),
    );
  };
  const down = (): void => {
    const grown = grownDown(messages, window);
    if (grown) setWindow(grown);
  };
  const { box, onScroll, isAtEnd, toEnd, showNext } = useScroll({ rows, tail: pending, isNewest, up, down });

  useLayoutEffect(() => setWindow((now) => settled(messages, now, isAtEnd)), [messages, isAtEnd]);

  // The line above what is new: first what was unread when the thread was opened, then what came while nobody looked.
  const lastSeq = messages.at(-1)?.seq ?? 0;
  const isLooking = useIsVisible() && isAtEnd && isNewest && thread !== null;
  const [firstNew, setFirstNew] = useState<number | null>(null);
  const seen = useRef(0);
  const opened = useRef(false);
  if (isLooking && opened.current) seen.current = lastSeq;
  const unseen = messages.filter((message) => message.seq > seen.current && !isDeleted(message) && message.author !== memberId);
  const firstUnseen = unseen[0]?.seq ?? null;
  useLayoutEffect(() => {
    if (opened.current || !thread) return;
    opened.current = true;
    seen.current = view.readSeq;
    // With more unread than is loaded, the end is the better place to begin than the middle.
    if (view.readSeq < state.lowSeq - 1) return;
    const first = messages.find((message) => message.seq > view.readSeq && !isDeleted(message) && message.author !== memberId);
    setFirstNew(first?.seq ?? null);
    if (first && place.message === null) showNext(first.seq, 'start');
  });
  useEffect(() => {
    if (opened.current && !isLooking && firstUnseen !== null)
      setFirstNew((now) => (now === null || now <= seen.current ? firstUnseen : now));
  }, [isLooking, firstUnseen]);
  useEffect(() => {
    if (isLooking) view.markRead(lastSeq);
  }, [isLooking, lastSeq, view]);

  // What was asked for by the address: load as far as needed, then show it.
  const isReady = thread !== null;
  useEffect(() => {
    const seq = place.message;
    if (seq === null || !isReady) return undefined;
    let current = true;
    const jump = async (): Promise<void> => {
      for (let i = 0; i < jumpPages && current && view.state.lowSeq > seq && view.state.hasOlder; i++) await view.loadOlder();
      if (!current) return;
      showNext(seq, 'center');
      setWindow(around(view.state.messages, seq));
      setFlash(seq);
    };
    jump().catch(() => current && setIsFailed(true));
    return () => {
      current = false;
    };
  }, [place, isReady, view]);

  // What one sends is shown, wherever one was reading.
  const newestPending = pending.at(-1)?.nonce;
  const latest = (): void => {
    setWindow(newest);
    toEnd();
  };
  useEffect(() => {
    if (!newestPending) return;
    setFirstNew(null);
    latest();
  }, [newestPending]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!(event.target instanceof HTMLElement) || !event.target.matches('[data-seq]')) return;
    const to = {
      ArrowUp: event.target.previousElementSibling,
      ArrowDown: event.target.nextElementSibling,
      End: box.current?.lastElementChild,
      Home: null,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const step = event.key === 'ArrowDown' ? 'nextElementSibling' : 'previousElementSibling';
    let row: Element | null = to;
    while (row && !row.matches('[data-seq]')) row = row[step];
    if (event.key === 'Home') row = box.current?.querySelector('[data-seq]') ?? null;
    if (row instanceof HTMLElement) row.focus();
  };

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
        onKeyDown={onKeyDown}
        onFocusCapture={(event) => {
          const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-seq]') : null;
          if (row) setActive(Number(row.dataset.seq));
        }}
      >
        {hasOlder || rows[0]?.seq !== messages[0]?.seq ? (
          <div class="messages-more quiet">
            {isFailed ? (
              <button type="button" class="text-button" onClick={load}>
                Older messages could not be loaded. Try again
              </button>
            ) : (
              'Loading older messages…'
            )}
          </div>
        ) : (
          thread && (
            <div class="messages-begin">
              <h3>{thread.title}</h3>
              {thread.content && <RichText content={thread.content} mentioned={mentionedIn(mentionWords(thread, memberOf, memberId))} />}
              {messages.length === 0 && pending.length === 0 && <p class="quiet">Nothing has been said yet. Say something.</p>}
            </div>
          )
        )}
        {rows.map((message, i) => {
          const before = rows[i - 1];
          return (
            <RowWithLines key={message.seq} message={message} before={before} firstNew={firstNew}>
              <MessageRow
                message={message}
                compact={isTogether(before, message) && message.seq !== firstNew}
                author={isDeleted(message) ? undefined : memberOf(message.author)}
                presence={isDeleted(message) ? undefined : presenceOf(message.author)}
                isMine={!isDeleted(message) && message.author === memberId}
                isModerator={isModerator}
                isActive={message.seq === tabStop}
                isEditing={editing === message.id}
                isFlashing={flash === message.seq}
                mentioned={isDeleted(message) ? '' : mentionWords(message, memberOf, memberId)}
                {...repliedOf(message, byId, memberOf)}
                actions={actions}
              />
            </RowWithLines>
          );
        })}
        {isNewest && pending.map((send) => <PendingRow key={send.nonce} send={send} actions={actions} />)}
      </div>
      {(!isAtEnd || !isNewest) && (
        <button type="button" class={`to-latest${unseen.length > 0 ? ' has-new' : ''}`} onClick={latest}>
          <Icon name="down" /> {unseen.length === 0 ? 'Latest' : unseen.length === 1 ? '1 new message' : `${unseen.length} new messages`}
        </button>
      )}
    </div>
  );
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

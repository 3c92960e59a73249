import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isDeleted, type ThreadView } from '../../src/client/index.js';
import type { Message } from '../../src/protocol/resources.js';
import { around, type MessageWindow } from './message-window.js';
import type { InView } from './scroll.js';
import { type Failed, shownOf } from './shown.js';
import { useIsVisible } from './visible.js';

/** How far a thread has been read, and whether what is looked at follows on from there. */
export interface Reading {
  seq: number;
  /** Everything up to what is in view has been read, so that scrolling on reads on; a jump ends it. */
  isFollowing: boolean;
}

/**
 * What has been read after a look: what came into view or was scrolled past. Whoever jumps ahead by a link has not read what they
 * jumped over, and reads on only where that begins; at the end of a thread all of it counts as read.
 */
export const afterLook = ({ seq, isFollowing }: Reading, inView: InView, newest: number): Reading => {
  if (inView.isAtEnd) return { seq: Math.max(seq, newest), isFollowing: true };
  if (!isFollowing && inView.first > seq + 1) return { seq, isFollowing };
  return { seq: Math.max(seq, inView.last), isFollowing: true };
};

/**
 * Where the line above what is new stands. It stays while one reads on from it. Once all was read (up to `caughtUp`) it moves to the
 * first message that came unseen after that.
 */
export const lineAfter = (line: number | null, caughtUp: number, firstUnseen: number | null): number | null =>
  firstUnseen !== null && firstUnseen > caughtUp && (line === null || line <= caughtUp) ? firstUnseen : line;

interface ReadingParts {
  view: ThreadView;
  memberId: string;
  /** Names a message that is to be shown, or none; a new object at each move. */
  place: { message: number | null };
  showNext: (seq: number, block: 'start' | 'center') => void;
  setWindow: (window: MessageWindow) => void;
  setFailed: (failed: Failed | null) => void;
  /** Says what could not be shown, or takes that back. */
  tell: (text: string | null) => void;
}

/**
 * Where one reads in a thread: at first at the message that the address names, or else at the first unread one, or else at the end.
 * What comes into view is marked as read, and a line stands above what is new.
 */
export const useReading = ({ view, memberId, place, showNext, setWindow, setFailed, tell }: ReadingParts) => {
  const { messages, thread, lowSeq } = view.state;
  const isVisible = useIsVisible();
  const [line, setLine] = useState<number | null>(null);
  const [flash, setFlash] = useState<number | null>(null);
  /** Until one has been brought to where one reads, nothing that is in view counts as read. */
  const [isPlaced, setIsPlaced] = useState(false);
  const hasBegun = useRef(false);
  const turn = useRef(0);
  const inView = useRef<InView | null>(null);
  const isFollowing = useRef(false);
  const caughtUp = useRef(0);
  const lastSeq = messages.at(-1)?.seq ?? 0;
  const isNew = (message: Message): boolean => message.seq > view.readSeq && !isDeleted(message) && message.author !== memberId;
  const unseen = isPlaced ? messages.filter(isNew) : [];
  const firstUnseen = unseen[0]?.seq ?? null;

  const look = (): void => {
    if (!isPlaced || !isVisible || !inView.current) return;
    const read = afterLook({ seq: view.readSeq, isFollowing: isFollowing.current }, inView.current, lastSeq);
    isFollowing.current = read.isFollowing;
    view.markRead(read.seq);
    if (view.readSeq >= lastSeq) caughtUp.current = Math.max(caughtUp.current, lastSeq);
  };
  useEffect(look, [isPlaced, isVisible, lastSeq, view.readSeq]);
  useEffect(() => {
    const isLooking = isVisible && inView.current?.isAtEnd === true;
    if (!isLooking && lowSeq <= caughtUp.current + 1) setLine((now) => lineAfter(now, caughtUp.current, firstUnseen));
  }, [isVisible, firstUnseen, lowSeq]);

  const bring = (seq: number, block: 'start' | 'center'): void => {
    inView.current = null;
    isFollowing.current = false;
    setWindow(around(shownOf(view).messages, seq));
    showNext(seq, block);
  };
  /** The first unread message, loaded first when it stands further up than what is held. */
  const begin = async (isWanted: () => boolean): Promise<void> => {
    const unread = thread?.me && view.readSeq < lastSeq ? thread.me.unread_count : 0;
    if (place.message === null && unread > 0 && view.readSeq < lowSeq - 1) await view.loadAround(view.readSeq + 1);
    if (!isWanted()) return;
    const shown = shownOf(view);
    const isHeld = !shown.hasOlder || (shown.messages[0]?.seq ?? 0) <= view.readSeq + 1;
    const first = isHeld && thread?.me ? shown.messages.find(isNew) : undefined;
    caughtUp.current = first || !isHeld ? view.readSeq : lastSeq;
    hasBegun.current = true;
    setLine(first?.seq ?? null);
    if (first && place.message === null) bring(first.seq, 'start');
  };
  const show = async (seq: number, isWanted: () => boolean): Promise<void> => {
    tell(null);
    const isShown = (): boolean => shownOf(view).messages.some((message) => message.seq === seq);
    if (!isShown() && seq < lowSeq) await view.loadAround(seq);
    else if (!isShown()) view.leaveExcerpt();
    if (!isWanted()) return;
    // Where nothing has been said, the beginning is the opening text.
    const isBeginning = seq === 1 && view.state.thread?.last_seq === 0;
    if (!isShown() && !isBeginning) tell('The message that the link names is not in this thread.');
    bring(seq, 'center');
    setFlash(seq);
  };

  const isReady = thread !== null;
  useLayoutEffect(() => {
    if (!isReady) return undefined;
    const mine = ++turn.current;
    const isWanted = (): boolean => mine === turn.current;
    const start = async (): Promise<void> => {
      if (!hasBegun.current) await begin(isWanted);
      if (isWanted() && place.message !== null) await show(place.message, isWanted);
      if (isWanted()) setIsPlaced(true);
    };
    const tryIt = (): void => {
      setFailed(null);
      start().catch(() => isWanted() && setFailed({ isAbove: true, retry: tryIt }));
    };
    tryIt();
    return () => {
      turn.current++;
    };
  }, [place, isReady, view]);

  return {
    line,
    flash,
    unseen: unseen.length,
    /** More is unseen than is held. */
    isMoreUnseen: unseen.length > 0 && view.readSeq < lowSeq - 1,
    onLook: (now: InView): void => {
      inView.current = now;
      look();
    },
    /** One goes to the end by oneself: there is no other place to be brought to any more. */
    goToNewest: (): void => {
      turn.current++;
      hasBegun.current = true;
      inView.current = null;
      setIsPlaced(true);
      view.leaveExcerpt();
    },
    dropLine: (): void => setLine(null),
  };
};

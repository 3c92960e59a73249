import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ThreadView } from '../../src/client/index.js';
import type { LiveMessage } from '../../src/protocol/resources.js';
import { Icon, IconButton } from './icon.js';

interface ComposerProps {
  view: ThreadView;
  replyTo: LiveMessage | null;
  replyName: string | null;
  onReplyEnd: () => void;
  /** Begins to edit one's last message, if there is one. */
  onEditLast: () => boolean;
}

/** What was begun in each thread, while the page lives. */
const begun = new Map<string, string>();

/** Where Enter on the screen's own keyboard should make a new line. */
const isTouch = (): boolean => matchMedia('(pointer: coarse)').matches;

/** Writing a message. Enter sends, Shift and Enter make a new line; on touch screens the button sends. */
export const Composer = ({ view, replyTo, replyName, onReplyEnd, onEditLast }: ComposerProps) => {
  const [text, setText] = useState(begun.get(view.threadId) ?? '');
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (replyTo || !isTouch()) box.current?.focus();
  }, [replyTo, view]);
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    el.style.height = 'auto';
    el.style.height = `${Math.min(el.scrollHeight, 220)}px`;
  }, [text]);

  const write = (next: string): void => {
    setText(next);
    begun.set(view.threadId, next);
    if (next.trim() === '') view.stopTyping();
    else view.noteTyping();
  };
  const send = (): void => {
    const content = text.trim();
    if (content === '') return;
    // Its failure is shown where it waits to be tried again.
    view.send({ content, reply_to: replyTo?.id }).catch(() => undefined);
    setText('');
    begun.delete(view.threadId);
    onReplyEnd();
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey && !isTouch()) {
      event.preventDefault();
      send();
    } else if (event.key === 'ArrowUp' && text === '' && onEditLast()) event.preventDefault();
    else if (event.key === 'Escape' && replyTo) onReplyEnd();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {replyTo && (
        <div class="composer-reply quiet">
          <Icon name="reply" />
          <span class="replied-text">
            Replying to <strong>{replyName}</strong>: {replyTo.content.slice(0, 140)}
          </span>
          <IconButton name="close" label="Do not reply" onClick={onReplyEnd} />
        </div>
      )}
      <div class="composer-row">
        <textarea
          ref={box}
          rows={1}
          maxLength={10_000}
          aria-label="Message"
          placeholder="Write a message"
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onBlur={() => view.stopTyping()}
        />
        <button type="submit" class="icon-button send-button" aria-label="Send" title="Send" disabled={text.trim() === ''}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
};

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { ThreadView } from '../../src/client/index.js';
import type { LiveMessage } from '../../src/protocol/resources.js';
import { useComposition } from './composition.js';
import { useDraft } from './drafts.js';
import { Icon, IconButton } from './icon.js';
import { longest, tooLong } from './lengths.js';
import { Count } from './limited-field.js';

interface ComposerProps {
  view: ThreadView;
  replyTo: LiveMessage | null;
  replyName: string | null;
  onReplyEnd: () => void;
  /** Begins to edit one's last message, if there is one. */
  onEditLast: () => boolean;
}

/** Where Enter on the screen's own keyboard should make a new line. */
const isTouch = (): boolean => matchMedia('(pointer: coarse)').matches;

/** Too long a text stays as it is; the count below it says by how much. */
const canSend = (text: string): boolean => text.trim() !== '' && tooLong(text, longest.content) === null;

/** Writing a message. Enter sends, Shift and Enter make a new line; on touch screens the button sends. */
export const Composer = ({ view, replyTo, replyName, onReplyEnd, onEditLast }: ComposerProps) => {
  const [text, setText] = useDraft(view.threadId);
  const { isComposing, onCompositionEnd } = useComposition();
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
    if (next.trim() === '') view.stopTyping();
    else view.noteTyping();
  };
  const send = (): void => {
    if (!canSend(text)) return;
    const content = text.trim();
    // Its failure is shown where it waits to be tried again.
    view.send({ content, reply_to: replyTo?.id }).catch(() => undefined);
    setText('');
    onReplyEnd();
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
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
            Replying to <strong dir="auto">{replyName}</strong>: <bdi>{replyTo.content.slice(0, 140)}</bdi>
          </span>
          <IconButton name="close" label="Do not reply" onClick={onReplyEnd} />
        </div>
      )}
      <div class="composer-row">
        <textarea
          ref={box}
          rows={1}
          dir="auto"
          autocomplete="off"
          aria-label="Message"
          aria-describedby="composer-count"
          placeholder="Write a message"
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onCompositionEnd={onCompositionEnd}
          onBlur={() => view.stopTyping()}
        />
        <button type="submit" class="icon-button send-button" aria-label="Send" title="Send" disabled={!canSend(text)}>
          <Icon name="send" />
        </button>
      </div>
      <Count id="composer-count" text={text} most={longest.content} />
    </form>
  );
};

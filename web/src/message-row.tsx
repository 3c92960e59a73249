import { useEffect, useRef, useState } from 'preact/hooks';
import { isDeleted } from '../../src/client/index.js';
import type { CommunityRole, LiveMessage, Member, Message } from '../../src/protocol/resources.js';
import { useComposition } from './composition.js';
import { Failure, useAction } from './failure.js';
import { Icon, IconButton } from './icon.js';
import { useInView } from './in-view.js';
import { longest, tooLong } from './lengths.js';
import { Count } from './limited-field.js';
import { memo } from './memo.js';
import { mentionedIn } from './mentioned.js';
import { Avatar, nameOf } from './person.js';
import { ReactionPicker, Reactions } from './reactions.js';
import { RichText } from './rich-text.js';
import { RoleDot } from './role-mark.js';
import { bareTimeOf, timeOf, wholeTimeOf } from './time.js';

/** What can be done with messages; one object for the life of a thread's view. */
export interface MessageActions {
  reply: (message: LiveMessage) => void;
  edit: (id: string | null) => void;
  save: (id: string, content: string) => Promise<unknown>;
  remove: (id: string) => void;
  react: (id: string, emoji: string, on: boolean) => void;
  show: (id: string) => void;
  retry: (nonce: string) => void;
  discard: (nonce: string) => void;
}

interface MessageRowProps {
  message: Message;
  /** Drawn without author, under an earlier message of the same one. */
  compact: boolean;
  author: Member | undefined;
  presence: Member['presence']['state'] | undefined;
  /** The author's highest role that has a colour. */
  role: CommunityRole | undefined;
  isMine: boolean;
  /** Also what others wrote. */
  mayDelete: boolean;
  /** The one row that the Tab key reaches. */
  isActive: boolean;
  isEditing: boolean;
  isFlashing: boolean;
  /** Whom it mentions: see `mentionWords`. */
  mentioned: string;
  replied: Message | undefined;
  repliedName: string | undefined;
  actions: MessageActions;
}

/** One message. */
export const MessageRow = memo((props: MessageRowProps) => {
  const { message, isActive } = props;
  if (!isDeleted(message)) return <LiveRow {...props} message={message} />;
  return (
    <article class="message message-deleted" data-seq={message.seq} tabIndex={isActive ? 0 : -1} aria-label="A deleted message">
      <p class="quiet">This message was deleted.</p>
    </article>
  );
});

const LiveRow = (props: MessageRowProps & { message: LiveMessage }) => {
  const { message, compact, author, presence, role, isMine, mayDelete, isActive, isEditing, isFlashing, actions } = props;
  const [isPicking, setIsPicking] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const question = useRef<HTMLParagraphElement>(null);
  useInView(question, isAsking);
  const name = nameOf(author);
  const mentioned = mentionedIn(props.mentioned);
  const tabIndex = isActive ? 0 : -1;
  const isForMe = [...mentioned.values()].some(({ isOwn }) => isOwn);
  const classes = ['message', compact && 'message-compact', isFlashing && 'message-flash', isForMe && 'message-for-me'];
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { r: () => actions.reply(message), e: isMine && (() => actions.edit(message.id)), '+': () => setIsPicking(true) }[
      event.key
    ];
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <article
      class={classes.filter(Boolean).join(' ')}
      data-seq={message.seq}
      tabIndex={tabIndex}
      aria-label={`${name}, ${timeOf(message.created_at)}`}
      onKeyDown={onKeyDown}
    >
      {compact ? (
        <time class="message-time quiet" dateTime={message.created_at} title={wholeTimeOf(message.created_at)}>
          {bareTimeOf(message.created_at)}
        </time>
      ) : (
        <Avatar id={message.author} name={name} state={presence} />
      )}
      <div class="message-body">
        {message.reply_to && <RepliedLine id={message.reply_to} {...props} tabIndex={tabIndex} />}
        {!compact && (
          <header class="message-head">
            <strong dir="auto">{name}</strong>
            {role && <RoleDot role={role} />}
            <time class="quiet" dateTime={message.created_at} title={wholeTimeOf(message.created_at)}>
              {timeOf(message.created_at)}
            </time>
          </header>
        )}
        {isEditing ? (
          <EditBox message={message} actions={actions} />
        ) : (
          <>
            <RichText content={message.content} mentioned={mentioned} />
            {message.is_edited && (
              <small class="quiet" title={message.edited_at ? wholeTimeOf(message.edited_at) : undefined}>
                edited
              </small>
            )}
          </>
        )}
        {message.attachments.length > 0 && (
          <ul class="attachments">
            {message.attachments.map((file) => (
              <li key={file.url}>
                <a href={file.url} target="_blank" rel="noopener noreferrer nofollow">
                  <bdi>{file.name}</bdi>
                </a>
              </li>
            ))}
          </ul>
        )}
        <Reactions reactions={message.reactions} tabIndex={tabIndex} onToggle={(emoji, on) => actions.react(message.id, emoji, on)} />
        {isPicking && <ReactionPicker onPick={(emoji) => actions.react(message.id, emoji, true)} onClose={() => setIsPicking(false)} />}
        {isAsking && (
          <p ref={question} class="message-question" role="alert">
            Delete this message?{' '}
            <button
              type="button"
              class="text-button text-grave"
              onClick={() => {
                setIsAsking(false);
                actions.remove(message.id);
              }}
            >
              Delete
            </button>{' '}
            <button type="button" class="text-button" onClick={() => setIsAsking(false)}>
              Keep
            </button>
          </p>
        )}
      </div>
      <div class="message-tools">
        <IconButton name="react" label="React" tabIndex={tabIndex} onClick={() => setIsPicking(!isPicking)} />
        <IconButton name="reply" label="Reply" tabIndex={tabIndex} onClick={() => actions.reply(message)} />
        {isMine && <IconButton name="edit" label="Edit" tabIndex={tabIndex} onClick={() => actions.edit(message.id)} />}
        {(isMine || mayDelete) && <IconButton name="trash" label="Delete" tabIndex={tabIndex} onClick={() => setIsAsking(true)} />}
      </div>
    </article>
  );
};

const RepliedLine = ({ id, replied, repliedName, actions, tabIndex }: { id: string; tabIndex: number } & MessageRowProps) => (
  <button type="button" class="replied quiet" tabIndex={tabIndex} onClick={() => actions.show(id)}>
    <Icon name="reply" />
    {repliedName && <strong dir="auto">{repliedName}</strong>}
    <span class="replied-text" dir="auto">
      {replied ? (isDeleted(replied) ? 'a deleted message' : replied.content.slice(0, 140)) : 'an earlier message'}
    </span>
  </button>
);

const EditBox = ({ message, actions }: { message: LiveMessage; actions: MessageActions }) => {
  const [text, setText] = useState(message.content);
  const { busy, failure, run } = useAction();
  const box = useRef<HTMLTextAreaElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const { isComposing, onCompositionEnd } = useComposition();
  const isTooLong = tooLong(text, longest.content) !== null;
  useInView(frame, true);
  useEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(text.length, text.length);
  }, []);
  const stop = (): void => actions.edit(null);
  const save = (): void => {
    if (text.trim() === '' || text === message.content) {
      stop();
      return;
    }
    if (isTooLong) return;
    void run(async () => {
      await actions.save(message.id, text);
      stop();
    });
  };
  return (
    <div ref={frame} class="edit-box">
      <textarea
        ref={box}
        aria-label="Edit message"
        rows={Math.min(10, text.split('\n').length + 1)}
        dir="auto"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (isComposing(event)) return;
          if (event.key === 'Escape') stop();
          if (event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          save();
        }}
        onCompositionEnd={onCompositionEnd}
      />
      <Count text={text} most={longest.content} />
      <Failure text={failure} />
      <button type="button" class="button button-main" disabled={busy || isTooLong} onClick={save}>
        Save
      </button>{' '}
      <button type="button" class="button" onClick={stop}>
        Cancel
      </button>
    </div>
  );
};

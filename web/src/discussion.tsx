import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type CommunityView, isDeleted, type ThreadView } from '../../src/client/index.js';
import type { CommunityRole, LiveMessage, Member } from '../../src/protocol/resources.js';
import { Composer } from './composer.js';
import { Dialog } from './dialog.js';
import { Failure, useAction, wordsOf } from './failure.js';
import { IconButton } from './icon.js';
import { useClient, useLive, useThread } from './live.js';
import { MessageList } from './message-list.js';
import type { MessageActions } from './message-row.js';
import { nameOf } from './person.js';
import { go, type Place } from './place.js';
import { colouredRole } from './roles.js';
import { standingIn } from './standing.js';
import { ThreadHead } from './thread-head.js';
import { ThreadPeople } from './thread-people.js';

interface DiscussionProps {
  id: string;
  place: Place;
  community: CommunityView | null;
  roles: readonly CommunityRole[];
  memberId: string;
  /** It was shown and is gone, and not by what one did oneself. */
  onLost: (community: string, title: string) => void;
}

/** The third column: one thread, live. */
export const Discussion = ({ id, place, community, roles, memberId, onLost }: DiscussionProps) => {
  const client = useClient();
  const view = useThread(id);
  useLive(client.members);
  const [replyTo, setReplyTo] = useState<LiveMessage | null>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const memberOf = useCallback(
    (member: string): Member | undefined => community?.state.members.get(member)?.member ?? client.members.get(member),
    [community, client],
  );
  const actions = useMemo(
    () => view && actionsOf(view, { setReplyTo, setEditing, setFailure, show: (messageId) => show(messageId) }),
    [view],
  );
  const show = (messageId: string): void => {
    const loaded = view?.state.messages.find((message) => message.id === messageId);
    const showSeq = (seq: number): void => go({ community: place.community, thread: id, message: seq }, { replace: true });
    if (loaded) {
      showSeq(loaded.seq);
      return;
    }
    client.operations
      .getMessage({ message_id: messageId })
      .then((message) => showSeq(message.seq))
      .catch((thrown: unknown) => setFailure(wordsOf(thrown)));
  };

  const isGoing = useRef(false);
  /** One's own act, after which one is not here: it is no news that the thread is gone. */
  const going = async (act: () => Promise<unknown>): Promise<void> => {
    isGoing.current = true;
    try {
      await act();
      go({ community: place.community });
    } catch (thrown) {
      isGoing.current = false;
      throw thrown;
    }
  };
  const isNowhere = view?.fault?.code === 'not_found';
  const wasHere = isNowhere ? view.state.thread : null;
  useEffect(() => {
    if (isNowhere) community?.forgetThread(id);
  }, [isNowhere, community, id]);
  useEffect(() => {
    if (wasHere && place.community && !isGoing.current) onLost(place.community, wasHere.title);
  }, [wasHere, place.community, onLost]);

  if (!view || !actions || wasHere) return null;
  const { thread } = view.state;
  if (view.status === 'gone') {
    return (
      <>
        <ThreadHead community={place.community} title="Not here" />
        <p class="nothing quiet">
          {view.fault?.code === 'forbidden' ? 'Join the community to take part.' : 'This thread does not exist, or not any more.'}
        </p>
      </>
    );
  }
  const { may } = standingIn(community?.state.community, roles);
  const isTending = may('manage_threads');
  const editLast = (): boolean => {
    const last = view.state.messages.findLast((message) => !isDeleted(message) && message.author === memberId);
    if (last) setEditing(last.id);
    return last !== undefined;
  };
  return (
    <>
      <ThreadHead community={place.community} title={thread?.title ?? ' '} isClosed={thread?.is_closed}>
        {thread?.me && view.readSeq < view.lastSeq && (
          <IconButton name="check" label="Mark as read" onClick={() => view.markRead(view.lastSeq)} />
        )}
        {thread?.is_closed && community && (
          <PeopleButton
            thread={thread}
            view={community}
            roles={roles}
            leave={() =>
              going(async () => {
                await client.operations.removeThreadMember({ thread_id: id, member_id: memberId });
                community.forgetThread(id);
              })
            }
          />
        )}
        {thread && isTending && <PinButton view={view} />}
        {thread && (isTending || (thread.created_by === memberId && may('post'))) && (
          <DeleteThread title={thread.title} remove={() => going(() => client.operations.deleteThread({ thread_id: id }))} />
        )}
      </ThreadHead>
      <MessageList
        view={view}
        place={place}
        memberId={memberId}
        memberOf={memberOf}
        presenceOf={(member) => community?.state.members.get(member)?.member.presence.state}
        roleOf={(member) => colouredRole(roles, community?.state.members.get(member))}
        mayDelete={may('manage_messages')}
        editing={editing}
        actions={actions}
        tell={setFailure}
      />
      <div class="typing-line quiet" role="status">
        <TypingWords names={view.typing.map((member) => nameOf(memberOf(member)))} />
      </div>
      <Failure text={failure} />
      <Composer
        key={replyTo?.id ?? 'new'}
        view={view}
        replyTo={replyTo}
        replyName={replyTo && nameOf(memberOf(replyTo.author))}
        onReplyEnd={() => setReplyTo(null)}
        onEditLast={editLast}
      />
    </>
  );
};

interface Ways {
  setReplyTo: (message: LiveMessage | null) => void;
  setEditing: (id: string | null) => void;
  setFailure: (text: string | null) => void;
  show: (messageId: string) => void;
}

const actionsOf = (view: ThreadView, ways: Ways): MessageActions => {
  const tried = (action: Promise<unknown>): void => {
    ways.setFailure(null);
    action.catch((thrown: unknown) => ways.setFailure(wordsOf(thrown)));
  };
  return {
    reply: ways.setReplyTo,
    edit: ways.setEditing,
    show: ways.show,
    save: (id, content) => view.edit(id, content),
    remove: (id) => tried(view.remove(id)),
    react: (id, emoji, on) => tried(view.react(id, emoji, on)),
    retry: (nonce) => void view.retry(nonce).catch(() => undefined),
    discard: (nonce) => view.discard(nonce),
  };
};

const TypingWords = ({ names: [first, second, ...others] }: { names: string[] }) => {
  if (first === undefined) return null;
  if (others.length > 0) return <>Several people are typing…</>;
  if (second === undefined)
    return (
      <>
        <bdi>{first}</bdi> is typing…
      </>
    );
  return (
    <>
      <bdi>{first}</bdi> and <bdi>{second}</bdi> are typing…
    </>
  );
};

const PeopleButton = (props: Omit<Parameters<typeof ThreadPeople>[0], 'onClose'>) => {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <IconButton name="people" label="People" onClick={() => setIsOpen(true)} />
      {isOpen && <ThreadPeople {...props} onClose={() => setIsOpen(false)} />}
    </>
  );
};

const PinButton = ({ view }: { view: ThreadView }) => {
  const client = useClient();
  const { run } = useAction();
  const isPinned = view.state.thread?.is_pinned ?? false;
  return (
    <IconButton
      name="pin"
      label={isPinned ? 'Unpin thread' : 'Pin thread'}
      pressed={isPinned}
      onClick={() => void run(() => client.operations.pinThread({ thread_id: view.threadId, is_pinned: !isPinned }))}
    />
  );
};

const DeleteThread = ({ title, remove }: { title: string; remove: () => Promise<void> }) => {
  const [isAsking, setIsAsking] = useState(false);
  const { busy, failure, run } = useAction();
  return (
    <>
      <IconButton name="trash" label="Delete thread" onClick={() => setIsAsking(true)} />
      {isAsking && (
        <Dialog title="Delete this thread?" onClose={() => setIsAsking(false)}>
          <p>All its messages go with it. This cannot be undone.</p>
          <Failure text={failure} />
          <button type="button" class="button button-grave" disabled={busy} onClick={() => void run(remove)}>
            Delete “<bdi>{title}</bdi>”
          </button>
        </Dialog>
      )}
    </>
  );
};

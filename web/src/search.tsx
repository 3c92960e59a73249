import { useState } from 'preact/hooks';
import type { MessageHit } from '../../src/protocol/resources.js';
import { Dialog } from './dialog.js';
import { Failure, useAction } from './failure.js';
import { longest } from './lengths.js';
import { LimitedField } from './limited-field.js';
import { Link } from './link.js';
import { useClient, useLive } from './live.js';
import { Avatar, nameOf } from './person.js';
import { Snippet } from './rich-text.js';
import { whenOf } from './time.js';

/** Search over the messages of one's communities, or of the present one of them. */
export const SearchDialog = ({ community, onClose }: { community: { id: string; name: string } | null; onClose: () => void }) => {
  const client = useClient();
  const { busy, failure, run } = useAction();
  const [hits, setHits] = useState<readonly MessageHit[] | null>(null);
  const [isPartial, setPartial] = useState(false);
  const [next, setNext] = useState<{ q: string; community_id: string | undefined; cursor: string } | null>(null);
  useLive(client.members);
  const ask = (q: string, community_id: string | undefined, cursor?: string): void =>
    void run(async () => {
      const page = await client.operations.searchMessages({ q, community_id, cursor, limit: 20 });
      setHits(cursor ? [...(hits ?? []), ...page.items] : page.items);
      setPartial(page.partial === true);
      setNext(page.next_cursor === null ? null : { q, community_id, cursor: page.next_cursor });
    });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const q = String(form.get('q')).trim();
    if (q) ask(q, form.get('here') === 'on' ? community?.id : undefined);
  };
  return (
    <Dialog title="Search messages" onClose={onClose}>
      <search>
        <form onSubmit={submit}>
          <div class="search-row">
            <LimitedField
              label="Words to look for"
              name="q"
              type="search"
              most={longest.query}
              placeholder={'Words, "a phrase", -without'}
              required
              isLabelHidden
            />
            <button type="submit" class="button button-main" disabled={busy}>
              Search
            </button>
          </div>
          {community && (
            <label class="check">
              <input type="checkbox" name="here" /> Only in <bdi>{community.name}</bdi>
            </label>
          )}
        </form>
      </search>
      <Failure text={failure} />
      {isPartial && <p class="quiet">Not all of your communities were searched; choose one.</p>}
      <ul class="result-list" aria-live="polite">
        {hits?.map(({ message, community_id, thread_title, snippet }) => {
          const author = client.members.get(message.author);
          return (
            <li key={message.id}>
              <Link
                to={{ community: community_id, thread: message.thread_id, message: message.seq }}
                class="result result-link"
                onFollow={onClose}
              >
                <Avatar id={message.author} name={nameOf(author)} />
                <span class="result-text">
                  <span class="result-head">
                    <strong dir="auto">{nameOf(author)}</strong>
                    <span class="quiet">
                      <bdi>{thread_title}</bdi> · <time dateTime={message.created_at}>{whenOf(message.created_at)}</time>
                    </span>
                  </span>
                  <Snippet text={snippet} />
                </span>
              </Link>
            </li>
          );
        })}
        {hits?.length === 0 && !next && <li class="quiet list-empty">Nothing found.</li>}
      </ul>
      {next && (
        <button type="button" class="button" disabled={busy} onClick={() => ask(next.q, next.community_id, next.cursor)}>
          More
        </button>
      )}
    </Dialog>
  );
};

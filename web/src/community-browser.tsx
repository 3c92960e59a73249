import { useEffect, useState } from 'preact/hooks';
import type { Community } from '../../src/protocol/resources.js';
import { Dialog } from './dialog.js';
import { Failure, useAction, wordsOf } from './failure.js';
import { useClient } from './live.js';
import { CommunityMark } from './person.js';
import { go } from './place.js';

/** Typing settles for so long before it is asked for. */
const settleMs = 250;

/** Public communities, to find and join. */
export const CommunityBrowser = ({ onClose, onJoined }: { onClose: () => void; onJoined: () => void }) => {
  const client = useClient();
  const [query, setQuery] = useState('');
  const [found, setFound] = useState<readonly Community[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const { busy, failure, run } = useAction();
  const ask = (more: string | undefined) => client.operations.listCommunities({ q: query.trim() || undefined, limit: 30, cursor: more });
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      ask(undefined).then(
        (page) => {
          if (!current) return;
          setFailed(null);
          setFound(page.items);
          setCursor(page.next_cursor);
        },
        (thrown: unknown) => current && setFailed(wordsOf(thrown)),
      );
    }, settleMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query]);

  const more = (): void =>
    void run(async () => {
      const page = await ask(cursor ?? undefined);
      setFound([...(found ?? []), ...page.items]);
      setCursor(page.next_cursor);
    });
  const enter = (community: Community): void =>
    void run(async () => {
      if (!community.me) {
        await client.operations.joinAsMember({ community_id: community.id });
        onJoined();
      }
      onClose();
      go({ community: community.id });
    });

  return (
    <Dialog title="Browse communities" onClose={onClose}>
      <label class="field">
        <span class="hidden">Look for</span>
        <input
          type="search"
          dir="auto"
          placeholder="Look for a community"
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </label>
      <Failure text={failed ?? failure} />
      <ul class="result-list">
        {found?.map((community) => (
          <li key={community.id} class="result">
            <CommunityMark id={community.id} name={community.name} />
            <div class="result-text">
              <strong dir="auto">{community.name}</strong>
              <span class="quiet">
                {community.member_count === 1 ? '1 member' : `${community.member_count} members`}
                {!community.is_public && ' · private'}
              </span>
              {community.description && (
                <p class="result-description" dir="auto">
                  {community.description}
                </p>
              )}
            </div>
            <button type="button" class="button" disabled={busy} onClick={() => enter(community)}>
              {community.me ? 'Open' : 'Join'}
            </button>
          </li>
        ))}
        {found?.length === 0 && <li class="quiet list-empty">Nothing found.</li>}
      </ul>
      {cursor !== null && (
        <button type="button" class="button" disabled={busy} onClick={more}>
          More
        </button>
      )}
    </Dialog>
  );
};

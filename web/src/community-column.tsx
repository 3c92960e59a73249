import { useState } from 'preact/hooks';
import type { OwnCommunity, OwnNotifications } from '../../src/client/index.js';
import type { Self } from '../../src/protocol/resources.js';
import { AccountBar } from './account-bar.js';
import { CommunityBrowser } from './community-browser.js';
import { Dialog } from './dialog.js';
import { Failure, useAction } from './failure.js';
import { Icon, IconButton } from './icon.js';
import { longest } from './lengths.js';
import { LimitedField } from './limited-field.js';
import { Link } from './link.js';
import { useClient } from './live.js';
import { NotificationBell } from './notifications.js';
import { CommunityMark } from './person.js';
import { go, type Place } from './place.js';
import { SearchDialog } from './search.js';

interface CommunityColumnProps {
  mine: readonly OwnCommunity[] | null;
  place: Place;
  self: Self | null;
  notifications: OwnNotifications | null;
  /** Communities in which somebody waits for an answer. */
  unreadIn: ReadonlySet<string>;
  onChange: () => void;
  markRead: () => Promise<void>;
}

/** The first column: one's communities, finding more, search, notifications and one's account. */
export const CommunityColumn = ({ mine, place, self, notifications, unreadIn, onChange, markRead }: CommunityColumnProps) => {
  const { busy, failure, run } = useAction();
  const [open, setOpen] = useState<'create' | 'browse' | 'search' | null>(null);
  const close = (): void => setOpen(null);
  return (
    <nav class="column communities" aria-label="Communities">
      <header class="column-head">
        <h1 class="wordmark">
          <img src="/favicon.svg" alt="" width="24" height="24" /> Parley
        </h1>
        <div class="column-actions">
          <IconButton name="search" label="Search messages" onClick={() => setOpen('search')} />
          <NotificationBell list={notifications} />
        </div>
      </header>
      <ul class="column-list">
        {mine?.map((community) => (
          <li key={community.id}>
            <Link to={{ community: community.id }} class="list-item" current={community.id === place.community}>
              <CommunityMark id={community.id} name={community.name} />
              <span class="list-title" dir="auto">
                {community.name}
              </span>
              {unreadIn.has(community.id) && <span class="dot" role="img" aria-label="has notifications" />}
            </Link>
          </li>
        ))}
        {mine?.length === 0 && <li class="quiet list-empty">You are in no community yet.</li>}
      </ul>
      <div class="column-foot">
        <Failure text={failure} />
        <button type="button" class="list-item" disabled={busy} onClick={() => void run(() => markRead())}>
          <Icon name="check" /> Mark everything read
        </button>
        <button type="button" class="list-item" onClick={() => setOpen('browse')}>
          <Icon name="people" /> Browse communities
        </button>
        <button type="button" class="list-item" onClick={() => setOpen('create')}>
          <Icon name="plus" /> New community
        </button>
        <AccountBar self={self} />
      </div>
      {open === 'create' && <CreateCommunity onClose={close} onDone={onChange} />}
      {open === 'browse' && <CommunityBrowser onClose={close} onJoined={onChange} />}
      {open === 'search' && <SearchDialog community={mine?.find((one) => one.id === place.community) ?? null} onClose={close} />}
    </nav>
  );
};

const CreateCommunity = ({ onClose, onDone }: { onClose: () => void; onDone: () => void }) => {
  const client = useClient();
  const { busy, failure, run } = useAction();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const description = String(form.get('description')).trim();
    void run(async () => {
      const community = await client.operations.createCommunity({
        name: String(form.get('name')).trim(),
        is_public: form.get('is_public') === 'on',
        ...(description && { description }),
      });
      onDone();
      onClose();
      go({ community: community.id });
    });
  };
  return (
    <Dialog title="New community" onClose={onClose}>
      <form onSubmit={submit}>
        <LimitedField label="Name" name="name" most={longest.name} required />
        <LimitedField label="What is it about?" name="description" most={longest.description} rows={3} />
        <label class="check">
          <input type="checkbox" name="is_public" defaultChecked /> Anyone may find and join it
        </label>
        <Failure text={failure} />
        <button type="submit" class="button button-main" disabled={busy}>
          Found it
        </button>
      </form>
    </Dialog>
  );
};

import { useState } from 'preact/hooks';
import type { CommunityView } from '../../src/client/index.js';
import { Dialog } from './dialog.js';
import { Failure, useAction } from './failure.js';
import { longest } from './lengths.js';
import { LimitedField } from './limited-field.js';
import { useClient } from './live.js';
import { PeoplePicker } from './people-picker.js';
import { go } from './place.js';

interface CreateThreadProps {
  view: CommunityView;
  /** What one may begin: at least one of them. */
  may: { open: boolean; closed: boolean };
  onClose: () => void;
}

/** Begins a thread, for all of the community or for people that one chooses. */
export const CreateThread = ({ view, may, onClose }: CreateThreadProps) => {
  const { memberId } = useClient();
  const { busy, failure, run } = useAction();
  const [isAsked, setIsAsked] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const isPrivate = may.closed && (isAsked || !may.open);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const content = String(form.get('content')).trim();
    void run(async () => {
      const thread = await view.createThread({
        title: String(form.get('title')).trim(),
        ...(content && { content }),
        ...(isPrivate && { is_private: true, member_ids: [...chosen] }),
      });
      onClose();
      go({ community: view.communityId, thread: thread.id });
    });
  };
  return (
    <Dialog title="New thread" onClose={onClose}>
      <form onSubmit={submit}>
        <LimitedField label="Title" name="title" most={longest.title} required />
        <LimitedField label="What is it about?" name="content" most={longest.content} rows={4} />
        {may.closed && (
          <label class="check">
            <input
              type="checkbox"
              role="switch"
              aria-checked={isPrivate}
              checked={isPrivate}
              disabled={!may.open}
              onChange={(event) => setIsAsked(event.currentTarget.checked)}
            />{' '}
            Private: only people I choose
          </label>
        )}
        {isPrivate && (
          <>
            <PeoplePicker
              view={view}
              legend="People to let in"
              without={new Set(memberId === null ? [] : [memberId])}
              chosen={chosen}
              onChange={setChosen}
            />
            <p class="quiet">The owner of the community and its administrators see it too.</p>
          </>
        )}
        <Failure text={failure} />
        <button type="submit" class="button button-main" disabled={busy}>
          Begin
        </button>
      </form>
    </Dialog>
  );
};

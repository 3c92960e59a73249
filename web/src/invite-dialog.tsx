import { useEffect, useRef, useState } from 'preact/hooks';
import { Fault, newNonce } from '../../src/client/index.js';
import type { Community } from '../../src/protocol/resources.js';
import { copyText } from './copy.js';
import { Dialog } from './dialog.js';
import { Failure, useAction } from './failure.js';
import { type Invite, InviteRow } from './invite-row.js';
import { useClient, useLive } from './live.js';
import { SelectField } from './select-field.js';

const hour = 3_600;
const day = 24 * hour;
/** How long an invite may be used, in s; empty: for ever. */
const ends = [
  [hour, '1 hour'],
  [day, '1 day'],
  [7 * day, '7 days'],
  [30 * day, '30 days'],
  ['', 'Never'],
] as const;
/** How many people may come by it; empty: as many as like. */
const uses = [
  ['', 'No limit'],
  [1, '1 use'],
  [5, '5 uses'],
  [10, '10 uses'],
  [25, '25 uses'],
  [100, '100 uses'],
] as const;

/** Links that let people into a community: making one, and those that there are, one's own or (for those who tend it) all. */
export const InviteDialog = ({ community, onClose }: { community: Community; onClose: () => void }) => {
  const client = useClient();
  const { busy, failure, run } = useAction();
  const [invites, setInvites] = useState<readonly Invite[] | null>(null);
  /** The one that has just been made, and the one that was copied last. */
  const [made, setMade] = useState<string | null>(null);
  const [copied, setCopied] = useState<string | null>(null);
  const [told, setTold] = useState('');
  const [unable, setUnable] = useState<string | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useLive(client.members);
  const { id } = community;
  const isTending = community.me?.permissions.includes('manage_invites');
  useEffect(() => {
    void run(async () => setInvites((await client.operations.listInvites({ community_id: id })).items));
  }, [client, id, run]);

  const make = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [expires_in_s, max_uses] = [Number(form.get('expires_in_s')), Number(form.get('max_uses'))];
    setTold('');
    void run(async () => {
      const invite = await client.operations.createInvite({
        community_id: id,
        ...(expires_in_s > 0 && { expires_in_s }),
        ...(max_uses > 0 && { max_uses }),
        nonce: newNonce(),
      });
      setInvites((now) => [invite, ...(now ?? []).filter((one) => one.id !== invite.id)]);
      setMade(invite.id);
      setTold('The link is made.');
    });
  };
  const copy = async (invite: Invite, url: string, box: HTMLInputElement | null): Promise<void> => {
    setTold('');
    const isCopied = await copyText(url, box);
    setUnable(isCopied ? null : 'The browser does not let the page copy. The link is selected: copy it by hand.');
    setCopied(isCopied ? invite.id : null);
    if (isCopied) setTold('The link is copied.');
  };
  const revoke = (invite: Invite): void => {
    setTold('');
    void run(async () => {
      await client.operations.revokeInvite({ invite_id: invite.id }).catch(unlessGone);
      setInvites((now) => (now ?? []).filter((one) => one.id !== invite.id));
      setTold('The link is revoked.');
      heading.current?.focus();
    });
  };

  return (
    <Dialog title={`Invite people to ${community.name}`} onClose={onClose}>
      <form class="invite-form" onSubmit={make}>
        <SelectField label="Ends after" name="expires_in_s" choices={ends} chosen={7 * day} />
        <SelectField label="Number of uses" name="max_uses" choices={uses} chosen="" />
        <button type="submit" class="button button-main" disabled={busy}>
          Make a link
        </button>
      </form>
      <Failure text={failure ?? unable} />
      <p class="hidden" role="status">
        {told}
      </p>
      <h3 ref={heading} tabIndex={-1}>
        {isTending ? 'Links into this community' : 'Your links'}
      </h3>
      <ul class="result-list">
        {invites?.map((invite) => (
          <InviteRow
            key={invite.id}
            invite={invite}
            maker={invite.created_by === client.memberId ? 'you' : client.members.get(invite.created_by)}
            isNew={invite.id === made}
            isCopied={invite.id === copied}
            busy={busy}
            onCopy={(url, box) => void copy(invite, url, box)}
            onRevoke={() => revoke(invite)}
          />
        ))}
        {invites?.length === 0 && <li class="quiet list-empty">There is none that still lets somebody in.</li>}
      </ul>
    </Dialog>
  );
};

/** Somebody else has revoked it, and it was cleared away: as was wanted. */
const unlessGone = (thrown: unknown): void => {
  if (Fault.from(thrown).code !== 'not_found') throw thrown;
};

import { useEffect, useId, useRef } from 'preact/hooks';
import type { ParleyClient } from '../../src/client/index.js';
import type { Member } from '../../src/protocol/resources.js';
import { Icon } from './icon.js';
import { nameOf } from './person.js';
import { momentOf } from './time.js';

export type Invite = Awaited<ReturnType<ParleyClient['operations']['createInvite']>>;

/** A server that does not know its own address leaves the beginning to the page. */
const linkOf = ({ url }: Invite): string => (url.startsWith('/') ? `${location.origin}${url}` : url);

const usesOf = ({ uses, max_uses }: Invite): string => {
  if (max_uses !== null) return `${uses} of ${max_uses === 1 ? '1 use' : `${max_uses} uses`}`;
  return uses === 0 ? 'not used yet' : uses === 1 ? '1 use' : `${uses} uses`;
};

interface InviteRowProps {
  invite: Invite;
  /** Undefined: not known yet. */
  maker: Member | 'you' | undefined;
  /** It has just been made: what one does next is to copy it. */
  isNew: boolean;
  isCopied: boolean;
  busy: boolean;
  onCopy: (url: string, box: HTMLInputElement | null) => void;
  onRevoke: () => void;
}

/** One invite: its link to copy, how often it was used, when it ends, who made it, and its end. */
export const InviteRow = ({ invite, maker, isNew, isCopied, busy, onCopy, onRevoke }: InviteRowProps) => {
  const id = useId();
  const box = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isNew) button.current?.focus();
  }, [isNew]);
  const url = linkOf(invite);
  return (
    <li class="invite">
      <div class="invite-line">
        <input
          ref={box}
          type="text"
          readOnly
          aria-label="Invite link"
          aria-describedby={id}
          value={url}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button ref={button} type="button" class="button" aria-describedby={id} onClick={() => onCopy(url, box.current)}>
          <Icon name={isCopied ? 'check' : 'link'} /> {isCopied ? 'Copied' : 'Copy'}
        </button>
      </div>
      <div class="invite-line">
        <span id={id} class="quiet">
          {usesOf(invite)} ·{' '}
          {invite.expires_at === null ? 'never ends' : <time dateTime={invite.expires_at}>ends {momentOf(invite.expires_at)}</time>} · made
          by <bdi>{maker === 'you' ? 'you' : nameOf(maker)}</bdi>
        </span>
        <button type="button" class="text-button text-grave" aria-describedby={id} disabled={busy} onClick={onRevoke}>
          Revoke
        </button>
      </div>
    </li>
  );
};

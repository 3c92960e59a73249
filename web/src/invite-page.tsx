import type { ComponentChildren, VNode } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ParleyClient } from '../../src/client/index.js';
import { Failure, useAction } from './failure.js';
import { Link } from './link.js';
import { useClient } from './live.js';
import { CommunityMark } from './person.js';
import { go } from './place.js';

type Preview = Awaited<ReturnType<ParleyClient['operations']['previewInvite']>>['community'];

interface InvitePageProps {
  code: string;
  memberId: string | null;
  /** Signing in and up, above it the words. */
  signIn: (words: string) => VNode;
}

/**
 * Where an invite leads, for whoever holds its address. Joining leads those who are not signed in through signing in and back here; a
 * member of the community goes straight in.
 */
export const InvitePage = ({ code, memberId, signIn }: InvitePageProps) => {
  const client = useClient();
  const [preview, setPreview] = useState<Preview | null>(null);
  const [isEntering, setIsEntering] = useState(false);
  const { busy, failure, code: fault, run } = useAction();
  const button = useRef<HTMLButtonElement>(null);
  const form = useRef<HTMLDivElement>(null);
  const enter = (community: string): void => go({ community }, { replace: true });

  const look = useCallback(
    () =>
      void run(async () => {
        const [{ community }, self] = await Promise.all([
          client.operations.previewInvite({ code }),
          memberId ? client.operations.getMember({ member_id: memberId }) : null,
        ]);
        if (self && 'communities' in self && self.communities.includes(community.id)) return enter(community.id);
        setPreview(community);
      }),
    [client, code, memberId, run],
  );
  useEffect(look, [look]);
  const join = (): void => {
    if (memberId) void run(async () => enter((await client.operations.acceptInvite({ code })).id));
    else setIsEntering(true);
  };

  const name = preview?.name;
  useEffect(() => {
    document.title = name === undefined ? 'Parley' : `Join ${name} · Parley`;
    return () => {
      document.title = 'Parley';
    };
  }, [name]);
  const isSigningIn = isEntering && !memberId;
  useEffect(() => {
    if (isSigningIn) form.current?.querySelector('input')?.focus();
  }, [isSigningIn]);
  useEffect(() => {
    // Back from signing in: what one came for is one key away.
    if (isEntering && memberId && !busy) button.current?.focus();
  }, [isEntering, memberId, busy]);

  if (fault === 'not_found') {
    return (
      <Card>
        <p role="alert">This invite does not work, so ask whoever sent it for a new one.</p>
        <Onward isMember={memberId !== null} />
      </Card>
    );
  }
  if (isSigningIn && preview) {
    return (
      <div ref={form} class="invite-entering">
        {signIn(`Log in or make an account to join ${preview.name}.`)}
      </div>
    );
  }
  return (
    <Card>
      {preview ? (
        <Where community={preview} />
      ) : (
        <p class="quiet" role="status">
          {busy && 'Looking where this invite leads…'}
        </p>
      )}
      <Failure text={failure} />
      {preview ? (
        <button ref={button} type="button" class="button button-main" disabled={busy} onClick={join}>
          Join <bdi>{preview.name}</bdi>
        </button>
      ) : (
        failure && (
          <button type="button" class="button button-main" disabled={busy} onClick={look}>
            Try again
          </button>
        )
      )}
      {failure && <Onward isMember={memberId !== null} />}
    </Card>
  );
};

const Card = ({ children }: { children: ComponentChildren }) => (
  <main class="sign-in">
    <div class="sign-in-card invite-card">
      <p class="wordmark">
        <img src="/favicon.svg" alt="" width="24" height="24" /> Parley
      </p>
      {children}
    </div>
  </main>
);

const Where = ({ community: { id, name, description, member_count } }: { community: Preview }) => (
  <>
    <p class="quiet">You are invited to</p>
    <CommunityMark id={id} name={name} />
    <h1 dir="auto">{name}</h1>
    <p class="quiet">{member_count === 1 ? '1 member' : `${member_count} members`}</p>
    {description && (
      <p class="invite-description" dir="auto">
        {description}
      </p>
    )}
  </>
);

const Onward = ({ isMember }: { isMember: boolean }) => (
  <Link to={{}} class="invite-onward">
    {isMember ? 'Go to your communities' : 'Go to the start page'}
  </Link>
);

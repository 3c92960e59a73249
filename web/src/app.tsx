import { useEffect, useState } from 'preact/hooks';
import type { ParleyClient } from '../../src/client/index.js';
import { forgetDrafts } from './drafts.js';
import { InvitePage } from './invite-page.js';
import { ClientContext } from './live.js';
import { go, useInvite } from './place.js';
import { SignIn } from './sign-in.js';
import { Workspace } from './workspace.js';

const reasons: Record<string, string> = {
  signed_out: '',
  deactivated: 'This account is closed. To open it again, log in within 30 days.',
  password_changed: 'The password was changed elsewhere. Please sign in with the new one.',
  refresh_refused: 'You were signed out. Please sign in again.',
};

/**
 * Ends of a session after which somebody else may well sit here: nothing of the member stays, not even where they were.
 */
const isGone = (reason: string): boolean => reason === 'signed_out' || reason === 'deactivated';

/** The page: signing in, or everything behind it; an invite stands before both. */
export const App = ({ client, onSignedIn }: { client: ParleyClient; onSignedIn: (memberId: string) => void }) => {
  const [memberId, setMemberId] = useState(client.memberId);
  const [notice, setNotice] = useState('');
  const invite = useInvite();
  useEffect(
    () =>
      client.session.onEnded((reason) => {
        if (memberId && isGone(reason)) {
          forgetDrafts(memberId);
          go({}, { replace: true });
        }
        document.title = 'Parley';
        setMemberId(null);
        setNotice(reasons[reason] ?? 'Your session has ended. Please sign in again.');
      }),
    [client, memberId],
  );
  useEffect(() => {
    if (memberId) client.connection.start();
  }, [client, memberId]);
  const signIn = (words = '') => (
    <SignIn
      notice={notice || words}
      onDone={(id) => {
        onSignedIn(id);
        setMemberId(id);
      }}
    />
  );
  return (
    <ClientContext.Provider value={client}>
      {invite !== null ? (
        <InvitePage key={invite} code={invite} memberId={memberId} signIn={signIn} />
      ) : memberId ? (
        <Workspace key={memberId} memberId={memberId} />
      ) : (
        signIn()
      )}
    </ClientContext.Provider>
  );
};

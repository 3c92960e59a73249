import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Self, Session } from '../../src/protocol/resources.js';
import { Dialog } from './dialog.js';
import { Failure, useAction } from './failure.js';
import { Field } from './field.js';
import { useClient } from './live.js';

/** A form that acts on the account: what it asks for, the present password, and one button. */
const Act = ({
  title,
  button,
  done,
  children,
  act,
}: {
  title: string;
  button: string;
  done: string;
  children?: ComponentChildren;
  act: (form: FormData, password: string) => Promise<unknown>;
}) => {
  const { busy, failure, run } = useAction();
  const [isDone, setIsDone] = useState(false);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setIsDone(false);
    const data = new FormData(form);
    void run(() => act(data, String(data.get('password')))).then((worked) => {
      if (!worked) return;
      form.reset();
      setIsDone(true);
    });
  };
  return (
    <details class="account-act" name="account">
      <summary>{title}</summary>
      <form onSubmit={submit}>
        {children}
        <Field label="Present password" name="password" type="password" autocomplete="current-password" />
        <Failure text={failure} />
        {isDone && <p role="status">{done}</p>}
        <button type="submit" class="button button-main" disabled={busy}>
          {button}
        </button>
      </form>
    </details>
  );
};

/** The devices on which one is signed in. */
const Devices = () => {
  const { account } = useClient();
  const { busy, failure, run } = useAction();
  const [sessions, setSessions] = useState<readonly Session[]>([]);
  const load = useCallback(async () => setSessions(await account.listSessions()), [account]);
  useEffect(() => {
    void run(load);
  }, [run, load]);
  const end = (ending: Promise<void>): Promise<void> => ending.then(load);
  return (
    <section aria-label="Devices">
      <h3>Devices</h3>
      <ul class="result-list">
        {sessions.map((session) => (
          <li key={session.id} class="result">
            <span class="result-text">
              <span>{session.user_agent ?? 'A device without a name'}</span>
              <span class="quiet">
                {session.is_current ? 'This device' : `Last used ${new Date(session.last_used_at).toLocaleString()}`}
                {session.ip !== null && ` · ${session.ip}`}
              </span>
            </span>
            {!session.is_current && (
              <button type="button" class="button" disabled={busy} onClick={() => void run(() => end(account.endSession(session.id)))}>
                Sign out
              </button>
            )}
          </li>
        ))}
      </ul>
      <Failure text={failure} />
      <button type="button" class="button" disabled={busy} onClick={() => void run(() => end(account.endOtherSessions()))}>
        Sign out everywhere else
      </button>
    </section>
  );
};

/** Password, e-mail address, devices, and the end of one's own account. */
export const AccountDialog = ({ self, onClose }: { self: Self; onClose: () => void }) => {
  const { account } = useClient();
  const [email, setEmail] = useState(self.email);
  return (
    <Dialog title="Account" onClose={onClose}>
      <p class="quiet">
        {self.username} · {email}
      </p>
      <Act
        title="Change password"
        button="Change password"
        done="The password is changed. All other devices are signed out."
        act={(form, password) => account.changePassword(password, String(form.get('new_password')))}
      >
        <Field
          label="New password"
          name="new_password"
          type="password"
          autocomplete="new-password"
          hint="8 characters or more"
          minLength={8}
        />
      </Act>
      <Act
        title="Change e-mail"
        button="Change e-mail"
        done="The e-mail address is changed."
        act={async (form, password) => setEmail((await account.changeEmail(password, String(form.get('email')).trim())).email)}
      >
        <Field label="New e-mail" name="email" type="email" autocomplete="email" />
      </Act>
      <Act title="Close account" button="Close account" done="" act={(_form, password) => account.close(password)}>
        <p>
          Others do not see you any more, and you are signed out everywhere. Your messages stay. For 30 days you can open the account again
          by logging in; after that it is closed for good.
        </p>
      </Act>
      <Devices />
    </Dialog>
  );
};

import { useEffect, useState } from 'preact/hooks';
import { Failure, useAction } from './failure.js';
import { Field } from './field.js';
import { useClient } from './live.js';

/** Signing up, logging in, and opening a closed account again. */
export const SignIn = ({ notice, onDone }: { notice: string; onDone: (memberId: string) => void }) => {
  const client = useClient();
  const [isNew, setIsNew] = useState(false);
  const [isOpen, setIsOpen] = useState(true);
  const { busy, failure, code, run } = useAction();
  // Logging in is forbidden for an account that is closed and can be opened again.
  const isClosed = !isNew && code === 'forbidden';
  useEffect(() => {
    client.account.signUp().then(
      (signUp) => setIsOpen(signUp === 'open'),
      () => undefined,
    );
  }, [client]);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const reopen = (event.submitter as HTMLButtonElement | null)?.value === 'reopen';
    const text = (name: string): string => String(form.get(name) ?? '').trim();
    const password = String(form.get('password') ?? '');
    void run(async () => {
      const fullName = text('full_name');
      const self = isNew
        ? await client.register({ username: text('username'), email: text('email'), password, ...(fullName && { full_name: fullName }) })
        : await (reopen ? client.reopenAccount(text('login'), password) : client.login(text('login'), password));
      onDone(self.id);
    });
  };
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <h1 class="wordmark">
          <img src="/favicon.svg" alt="" width="36" height="36" /> Parley
        </h1>
        <p class="quiet">A quiet place to talk things over.</p>
        {notice && (
          <p class="notice" role="status">
            {notice}
          </p>
        )}
        <form key={String(isNew)} onSubmit={submit}>
          {isNew ? (
            <>
              <Field
                label="Username"
                name="username"
                autocomplete="username"
                hint="2 to 32 letters, digits, _ . or -"
                pattern="[A-Za-z0-9][A-Za-z0-9_.\-]{1,31}"
              />
              <Field label="Name" name="full_name" autocomplete="name" hint="Shown to others; may be left out" required={false} />
              <Field label="E-mail" name="email" type="email" autocomplete="email" />
              <Field
                label="Password"
                name="password"
                type="password"
                autocomplete="new-password"
                hint="8 characters or more"
                minLength={8}
              />
            </>
          ) : (
            <>
              <Field label="Username or e-mail" name="login" autocomplete="username" />
              <Field label="Password" name="password" type="password" autocomplete="current-password" />
            </>
          )}
          <Failure text={failure} />
          <button type="submit" class="button button-main" disabled={busy}>
            {isNew ? 'Sign up' : 'Log in'}
          </button>
          {isClosed && (
            <button type="submit" class="button" value="reopen" disabled={busy}>
              Open the account again
            </button>
          )}
        </form>
        {isOpen && (
          <p class="quiet sign-in-switch">
            {isNew ? 'You have an account already?' : 'New here?'}{' '}
            <button type="button" class="text-button" onClick={() => setIsNew(!isNew)}>
              {isNew ? 'Log in' : 'Make an account'}
            </button>
          </p>
        )}
      </div>
    </main>
  );
};

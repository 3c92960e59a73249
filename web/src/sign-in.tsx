import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Failure, useAction } from './failure.js';
import { useClient } from './live.js';

/** Signing up and logging in. */
export const SignIn = ({ notice, onDone }: { notice: string; onDone: (memberId: string) => void }) => {
  const client = useClient();
  const [isNew, setIsNew] = useState(false);
  const { busy, failure, run } = useAction();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string): string => String(form.get(name) ?? '').trim();
    const password = String(form.get('password') ?? '');
    void run(async () => {
      const fullName = text('full_name');
      const self = isNew
        ? await client.register({ username: text('username'), email: text('email'), password, ...(fullName && { full_name: fullName }) })
        : await client.login(text('login'), password);
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
        </form>
        <p class="quiet sign-in-switch">
          {isNew ? 'You have an account already?' : 'New here?'}{' '}
          <button type="button" class="text-button" onClick={() => setIsNew(!isNew)}>
            {isNew ? 'Log in' : 'Make an account'}
          </button>
        </p>
      </div>
    </main>
  );
};

interface FieldProps {
  label: string;
  name: string;
  type?: 'text' | 'email' | 'password';
  autocomplete?: string;
  hint?: string;
  pattern?: string | undefined;
  minLength?: number | undefined;
  required?: boolean;
}

const Field = ({ label, hint, type = 'text', required = true, ...input }: FieldProps) => {
  const id = useId();
  // The type of an input decides which attributes its type has; these are fit for all that are used here.
  const attributes = { ...input, id, type, required } as JSX.IntrinsicElements['input'];
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      <input {...attributes} aria-describedby={hint && `${id}-hint`} />
      {hint && (
        <small class="quiet" id={`${id}-hint`}>
          {hint}
        </small>
      )}
    </div>
  );
};

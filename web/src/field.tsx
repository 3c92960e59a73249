import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

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

/** A labelled input of a form. */
export const Field = ({ label, hint, type = 'text', required = true, ...input }: FieldProps) => {
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

import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { countOf, tooLong } from './lengths.js';

/** The count of a text that comes near to what may be sent, or is beyond it. */
export const Count = ({ text, most, id }: { text: string; most: number; id?: string }) => {
  const words = countOf(text, most);
  const isOver = tooLong(text, most) !== null;
  return words === null ? null : (
    <p id={id} class={isOver ? 'count count-over' : 'count quiet'} role={isOver ? 'alert' : undefined}>
      {words}
    </p>
  );
};

interface LimitedProps {
  label: string;
  name: string;
  most: number;
  /** What it begins with. */
  value?: string;
  /** More than one line, so many of them. */
  rows?: number;
  required?: boolean;
  type?: 'text' | 'search';
  placeholder?: string;
  /** The label is for those who do not see. */
  isLabelHidden?: boolean;
}

/** A labelled text of a form. Too long a one is kept and counted, and the form is not sent until it is shortened. */
export const LimitedField = ({
  label,
  name,
  most,
  value = '',
  rows,
  required = false,
  type = 'text',
  placeholder,
  isLabelHidden,
}: LimitedProps) => {
  const id = useId();
  const [text, setText] = useState(value);
  const attributes = {
    id,
    name,
    defaultValue: value,
    required,
    placeholder,
    dir: 'auto' as const,
    autocomplete: 'off',
    'aria-describedby': `${id}-count`,
    onInput: (event: Event): void => {
      const box = event.currentTarget as HTMLInputElement | HTMLTextAreaElement;
      box.setCustomValidity(tooLong(box.value, most) ?? '');
      setText(box.value);
    },
  };
  // The type of an input decides which attributes its type has; these are fit for both that are used here.
  const input = { ...attributes, type } as JSX.IntrinsicElements['input'];
  return (
    <div class="field">
      <label htmlFor={id} class={isLabelHidden ? 'hidden' : undefined}>
        {label}
      </label>
      {rows === undefined ? <input {...input} /> : <textarea rows={rows} {...attributes} />}
      <Count id={`${id}-count`} text={text} most={most} />
    </div>
  );
};

import { useId } from 'preact/hooks';

interface SelectFieldProps {
  label: string;
  name: string;
  /** Each with its words, in the order of the list. */
  choices: readonly (readonly [value: string | number, words: string])[];
  chosen: string | number;
}

/** A labelled choice of a form. */
export const SelectField = ({ label, name, choices, chosen }: SelectFieldProps) => {
  const id = useId();
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name}>
        {choices.map(([value, words]) => (
          <option key={value} value={value} selected={value === chosen}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
};

import { useId } from 'react';
import './text-field.css';

interface SelectParts {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; text: string }[];
  /** Shown as long as nothing is chosen; without it the first option is. */
  placeholder?: string;
  required?: boolean;
}

/** One of a few, its label above and a hint below; the system's own list, so that every keyboard and screen reader knows it. */
export function SelectField({ label, hint, value, onChange, options, placeholder, required }: SelectParts) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        required={required}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      >
        {placeholder === undefined ? null : <option value="">{placeholder}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
      {hint === undefined ? null : (
        <p id={`${id}-hint`} className="quiet small">
          {hint}
        </p>
      )}
    </div>
  );
}

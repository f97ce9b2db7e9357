import { useId } from 'react';
import './check-field.css';
import './choice-field.css';

interface ChoiceParts {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Names such as versions and channels; a hint says what each is. */
  choices: readonly { value: string; hint: string | null }[];
}

/** One of a few with a word on each, all in sight. */
export function ChoiceField({ label, value, onChange, choices }: ChoiceParts) {
  const id = useId();
  return (
    <fieldset className="choice-field">
      <legend>{label}</legend>
      {choices.map((choice, index) => (
        <label key={choice.value} className="check-field">
          <input
            type="radio"
            name={id}
            value={choice.value}
            checked={choice.value === value}
            aria-describedby={choice.hint === null ? undefined : `${id}-${index}`}
            aria-label={choice.value}
            onChange={() => onChange(choice.value)}
          />
          <span>
            <span className="mono">{choice.value}</span>
            {choice.hint === null ? null : (
              <span id={`${id}-${index}`} className="check-hint">
                {choice.hint}
              </span>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

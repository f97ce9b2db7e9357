import { type ComponentProps, useId } from 'react';
import './text-field.css';

interface FieldParts extends Omit<ComponentProps<'input'>, 'value' | 'onChange'> {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  /** Paths, names and versions are shown in the monospaced face and never corrected. */
  isPath?: boolean;
}

/** One line to type into, with its label above and a hint below. */
export function TextField({ label, hint, value, onChange, isPath = false, ...rest }: FieldParts) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...rest}
        id={id}
        className={isPath ? 'mono' : undefined}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        {...(isPath && { spellCheck: false, autoCapitalize: 'off', autoComplete: 'off' })}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint === undefined ? null : (
        <p id={`${id}-hint`} className="quiet small">
          {hint}
        </p>
      )}
    </div>
  );
}

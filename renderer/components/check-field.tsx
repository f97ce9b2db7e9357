import type { ReactNode } from 'react';
import './check-field.css';

/** Something that is on or off. */
export function CheckField({
  checked,
  onChange,
  hint,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: string;
  children: ReactNode;
}) {
  return (
    <label className="check-field">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>
        {children}
        {hint === undefined ? null : <span className="check-hint">{hint}</span>}
      </span>
    </label>
  );
}

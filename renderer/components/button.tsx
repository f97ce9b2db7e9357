import type { ComponentProps, ReactNode } from 'react';
import './button.css';

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

interface Look {
  kind?: ButtonKind;
  icon?: ReactNode;
}

/** Something to press. `busy` keeps it focusable and says so, instead of making it vanish from the keyboard's path. */
export function Button({
  kind = 'plain',
  icon,
  busy = false,
  children,
  onClick,
  disabled,
  ...rest
}: ComponentProps<'button'> & Look & { busy?: boolean }) {
  const isOff = busy || disabled === true;
  return (
    <button
      type="button"
      {...rest}
      className={`button button-${kind}`}
      aria-disabled={isOff || undefined}
      aria-busy={busy || undefined}
      onClick={isOff ? (event) => event.preventDefault() : onClick}
    >
      {icon}
      <span>{children}</span>
    </button>
  );
}

/** A link that looks like a button: it leads to a page and changes nothing. */
export function ButtonLink({ kind = 'plain', icon, children, ...rest }: ComponentProps<'a'> & Look) {
  return (
    <a {...rest} className={`button button-${kind}`}>
      {icon}
      <span>{children}</span>
    </a>
  );
}

/** A button that is only an icon; its name is heard and shown on hover. */
export function IconButton({ label, icon, ...rest }: ComponentProps<'button'> & { label: string; icon: ReactNode }) {
  return (
    <button type="button" {...rest} className="icon-button" aria-label={label} title={label}>
      {icon}
    </button>
  );
}

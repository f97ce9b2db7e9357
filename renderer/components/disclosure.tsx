import { ChevronRight } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import './disclosure.css';

/** Something that can be opened. What is inside is made when it is first opened. */
export function Disclosure({
  summary,
  children,
  open: openAtFirst = false,
}: {
  summary: ReactNode;
  children: () => ReactNode;
  open?: boolean;
}) {
  const [open, setOpen] = useState(openAtFirst);
  const id = useId();
  return (
    <div className="disclosure">
      <button
        type="button"
        className="disclosure-button"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <ChevronRight size={16} aria-hidden="true" />
        <span>{summary}</span>
      </button>
      {open ? <div id={id}>{children()}</div> : null}
    </div>
  );
}

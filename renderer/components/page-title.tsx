import { type ReactNode, useEffect, useRef } from 'react';

/** The title of a page. A new page puts the keyboard there, so that a screen reader begins with it, and names the window. */
export function PageTitle({ title, children }: { title: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title === 'Moult' ? title : `${title} · Moult`;
  }, [title]);
  useEffect(() => {
    // A dialog or a field of the page that took the focus by itself keeps it.
    const holder = document.activeElement?.closest('main, dialog') ?? null;
    if (holder === null) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? title}
    </h1>
  );
}

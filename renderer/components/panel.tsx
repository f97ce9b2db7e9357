import type { ReactNode } from 'react';
import { useId } from 'react';
import './panel.css';

/** A part of a page with a title of its own. */
export function Panel({
  title,
  aside,
  tone,
  children,
}: {
  title: ReactNode;
  aside?: ReactNode;
  tone?: 'stays' | 'changes' | 'needs';
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={`panel${tone === undefined ? '' : ` panel-${tone}`}`} aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Names and values, one beside the other. */
export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

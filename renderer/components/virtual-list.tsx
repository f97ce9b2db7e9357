import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useRef } from 'react';
import './virtual-list.css';

interface VirtualListParts<T> {
  rows: readonly T[];
  /** Height of a row in pixels; all are the same. */
  height: number;
  label: string;
  children: (row: T, index: number) => ReactNode;
}

/** A list of any length of which only the visible rows are drawn. It can be scrolled with the keyboard. */
export function VirtualList<T>({ rows, height, label, children }: VirtualListParts<T>) {
  const frame = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({ count: rows.length, getScrollElement: () => frame.current, estimateSize: () => height, overscan: 12 });
  return (
    <div ref={frame} className="virtual-list" role="group" aria-label={label} tabIndex={0}>
      <ul style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <li
              key={item.key}
              style={{ height, transform: `translateY(${item.start}px)` }}
              aria-setsize={rows.length}
              aria-posinset={item.index + 1}
            >
              {children(row, item.index)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

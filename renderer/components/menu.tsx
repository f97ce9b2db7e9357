import { EllipsisVertical } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import './menu.css';

export interface MenuEntry {
  text: string;
  icon?: ReactNode;
  onSelect: () => void;
}

/** What is done seldom. Not modal: locking the page's scrolling would need an inline style, which the Content Security Policy forbids. */
export function Menu({ label, entries }: { label: string; entries: readonly MenuEntry[] }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="button button-plain menu-button" aria-label={label} title={label}>
        <EllipsisVertical size={18} aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          {entries.map((entry) => (
            <DropdownMenu.Item key={entry.text} className="menu-entry" onSelect={entry.onSelect}>
              {entry.icon}
              {entry.text}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

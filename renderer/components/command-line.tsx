import { Terminal } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { useStores } from '../store/use-stores.ts';
import { IconButton } from './button.tsx';
import { CopyButton } from './copyable.tsx';
import './command-line.css';
import { visible } from '../../electron/api/visible.ts';

/** The command line that does the same as the button beside it: folded up, unless a person likes to see it always or has asked for more. */
export function CommandLine({ command, unfolded = false }: { command: string; unfolded?: boolean }) {
  const always = useStore(useStores().preferences, (preferences) => preferences.showCommands) || unfolded;
  const [open, setOpen] = useState(false);
  const shown = always || open;
  return (
    <span className="command-line">
      {always ? null : (
        <IconButton
          label={open ? 'Hide the command line' : 'Show the command line'}
          aria-expanded={open}
          icon={<Terminal size={16} aria-hidden="true" />}
          onClick={() => setOpen(!open)}
        />
      )}
      {shown ? (
        <>
          <code>{visible(command)}</code>
          <CopyButton text={command} what="the command line" />
        </>
      ) : null}
    </span>
  );
}

import { Check, Copy, FolderOpen } from 'lucide-react';
import { Fragment, type ReactNode, useEffect, useState } from 'react';
import { useStores } from '../store/use-stores.ts';
import { IconButton } from './button.tsx';
import './copyable.css';
import { visible } from '../../electron/api/visible.ts';

/** A hash, an id or an address that can be selected and copied. */
export function Copyable({ text, what, children }: { text: string; what: string; children?: ReactNode }) {
  return (
    <span className="copyable">
      <code>{breakable(visible(text))}</code>
      <CopyButton text={text} what={what} />
      {children}
    </span>
  );
}

/** A long path goes on in the next line after a slash, and not in the middle of a name or a number. */
function breakable(text: string): ReactNode {
  return text.split(/(?<=[/\\])/).map((part, index) => (
    <Fragment key={index}>
      {index === 0 ? null : <wbr />}
      {part}
    </Fragment>
  ));
}

/** A path; the desktop app also shows the file or folder where it lies. Keys in a config file (`file: key`) are no path to show. */
export function CopyablePath({ path }: { path: string }) {
  const { desktop } = useStores();
  const isFile = !path.includes(': ');
  return (
    <Copyable text={path} what="the path">
      {desktop === null || !isFile ? null : (
        <IconButton
          label="Show in the file manager"
          icon={<FolderOpen size={14} aria-hidden="true" />}
          onClick={() => void desktop.call('showFile', { path })}
        />
      )}
    </Copyable>
  );
}

/** Milliseconds for which the button says that it copied. */
const thanks = 1600;

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), thanks);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <>
      <IconButton
        label={copied ? 'Copied' : `Copy ${what}`}
        icon={copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
        onClick={copy}
      />
      <span className="only-heard" aria-live="polite">
        {copied ? 'Copied' : ''}
      </span>
    </>
  );
}

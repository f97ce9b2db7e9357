import { useState } from 'react';
import { useStores } from '../store/use-stores.ts';
import { Button } from './button.tsx';
import { TextField } from './text-field.tsx';
import './path-field.css';

interface PathFieldParts {
  label: string;
  hint?: string;
  placeholder?: string;
  /** What the system's dialog lets one choose. */
  choose: 'chooseFolder' | 'chooseBackup';
  value: string;
  onChange: (path: string) => void;
  required?: boolean;
}

/** A path to type; in the desktop app also to choose. */
export function PathField({ choose, value, onChange, ...rest }: PathFieldParts) {
  const { desktop } = useStores();
  const [problem, setProblem] = useState('');
  const ask = async (): Promise<void> => {
    const answer = await desktop?.call(choose, { title: rest.label, ...(value !== '' && { from: value }) });
    if (answer === undefined) return;
    setProblem(answer.ok ? '' : answer.error.message);
    if (answer.ok && answer.result.path !== null) onChange(answer.result.path);
  };
  const field = <TextField {...rest} value={value} onChange={onChange} isPath />;
  if (desktop === null) return field;
  return (
    <div className="path-field">
      {field}
      <Button aria-label={`Choose: ${rest.label}`} onClick={() => void ask()}>
        Choose …
      </Button>
      {problem === '' ? null : <p role="alert">{problem}</p>}
    </div>
  );
}

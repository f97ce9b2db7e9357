import { Archive } from 'lucide-react';
import type { FailureData } from '../../../electron/api/failure.ts';
import { visibleLines } from '../../../electron/api/visible.ts';
import { ButtonLink } from '../../components/button.tsx';
import { CopyablePath } from '../../components/copyable.tsx';
import { Notice } from '../../components/notice.tsx';
import { installAddress } from '../../route/route.ts';

/** A config file that cannot be read: where, why, and the two ways out of it. Until then nothing is done that would rely on it. */
export function ConfigNotice({ install, problem }: { install: string; problem: FailureData }) {
  const path = problem.details?.['path'];
  return (
    <Notice
      tone="needs"
      title="The configuration cannot be read"
      actions={
        <ButtonLink href={installAddress(install, 'backups')} icon={<Archive size={16} aria-hidden="true" />}>
          Restore it from a backup
        </ButtonLink>
      }
    >
      <p className="failure-message">{visibleLines(problem.message)}</p>
      {typeof path === 'string' ? <CopyablePath path={path} /> : null}
      <p>
        Correct the file in an editor, or restore it from a backup. An upgrade waits for that; what runs now goes on with what it read at
        its start.
      </p>
    </Notice>
  );
}

/** A failure in three parts: what happened, how things are now, what to press. */
import { type FailureData, type FailureGroup, groupOf, type Remedy } from '../../electron/api/failure.ts';
import type { OperationOutcome } from '../../electron/api/models.ts';
import { installAddress } from '../route/route.ts';
import { endStateWords } from './states.ts';

const groupWords: Record<FailureGroup, string> = {
  usage: 'Nothing was touched.',
  refused: 'Nothing was touched.',
  failed: '',
  'rolled-back': endStateWords['old-and-healthy'],
  interrupted: 'Nothing else is done with it until that is finished or undone.',
  cancelled: 'Everything is as it was before.',
};

/** How things are now. '' when only the failure itself can tell. */
export function stateAfter(failure: FailureData, outcome: OperationOutcome | null, begun: boolean): string {
  if (outcome !== null && endStateWords[outcome.endState] !== '') return endStateWords[outcome.endState];
  const named = failure.details?.['endState'];
  if (typeof named === 'string' && Object.hasOwn(endStateWords, named)) return endStateWords[named as keyof typeof endStateWords];
  const group = groupOf(failure.code);
  if (!begun && group === 'failed') return 'Nothing was touched.';
  return groupWords[group];
}

export function failureTitle(failure: FailureData): string {
  const titles: Partial<Record<FailureGroup, string>> = {
    refused: 'This cannot be done now',
    'rolled-back': 'It did not work, and was undone',
    interrupted: 'It was interrupted',
    cancelled: 'Cancelled',
  };
  if (failure.code === 'internal') return 'A mistake in Moult itself';
  return titles[groupOf(failure.code)] ?? 'It did not work';
}

/** Where a remedy is to be found on these screens; null when it is done elsewhere and its sentence must do. */
export function remedyAddress(
  remedy: Remedy,
  install: string | null,
  release: string | null = null,
): { address: string; text: string } | null {
  if (remedy.action === 'set-up') return { address: '#/add', text: 'Set up or adopt' };
  if (install === null) return null;
  switch (remedy.action) {
    case 'open-log':
      return { address: installAddress(install, 'activity'), text: 'Open the log' };
    case 'restore-backup':
      return { address: installAddress(install, 'backups'), text: 'Choose a backup' };
    case 'reinstall-release':
      return release === null ? null : { address: installAddress(install, 'upgrade', release), text: `Put ${release} in place again` };
    case 'unpin':
      return { address: installAddress(install, 'settings'), text: 'Open the settings' };
    case 'choose-release':
    case 'upgrade-binary':
      return { address: installAddress(install, 'upgrade'), text: 'Choose a release' };
    case 'roll-back':
    case 'recover':
    case 'start-service':
    case 'stop-service':
      return { address: installAddress(install), text: `Open ${install}` };
    default:
      return null;
  }
}

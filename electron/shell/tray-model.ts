/** What the tray shows, as data: its state, its words. */
import type { ActionKind } from '../api/models.ts';
import { type InstallView, isBusy, needsPerson, offered } from './install-view.ts';

export const trayStates = ['fine', 'update', 'working', 'attention'] as const;
export type TrayState = (typeof trayStates)[number];

/** Characters that Windows shows of a tooltip. */
const longest = 127;

/** Work first, because it ends by itself; then what needs a person; then what is on offer. */
export function trayState(views: readonly InstallView[]): TrayState {
  if (views.some(isBusy)) return 'working';
  if (views.some((view) => needsPerson(view) !== null)) return 'attention';
  return views.some((view) => offered(view) !== null) ? 'update' : 'fine';
}

/** The state in words. */
export function trayTooltip(views: readonly InstallView[]): string {
  const words = wordsFor(views);
  return words.length <= longest ? words : `${words.slice(0, longest - 1)}…`;
}

function wordsFor(views: readonly InstallView[]): string {
  switch (trayState(views)) {
    case 'working':
      return `Moult: ${views.filter(isBusy).map(workingWords).join(', ')}`;
    case 'attention':
      return `Moult: ${views
        .map(needsPerson)
        .filter((words) => words !== null)
        .join(', ')}`;
    case 'update':
      return `Moult: ${views.flatMap((view) => (offered(view) === null ? [] : [`${view.install.title} ${offered(view)} is out`])).join(', ')}`;
    default:
      return fineWords(views);
  }
}

function fineWords(views: readonly InstallView[]): string {
  const [only] = views;
  if (only === undefined) return 'Moult: nothing is set up yet';
  if (views.length > 1) return `Moult: all ${views.length} installs are fine`;
  const { title, release } = only.install;
  return `Moult: ${title}${release === null ? '' : ` ${release}`} ${only.status?.service.state === 'running' ? 'is fine' : 'is stopped'}`;
}

function workingWords({ install, operation }: InstallView): string {
  if (operation === null) return `another program works on ${install.title}`;
  const percent = operation.progress === null ? '' : ` ${Math.floor(operation.progress.fraction * 100)} %`;
  return `${doing[operation.action]} ${install.title}${operation.cancelling ? ', cancelling' : percent}`;
}

/** What is being done, for the beginning of a line. */
export const doing: Readonly<Record<ActionKind, string>> = {
  'set-up': 'setting up',
  adopt: 'adopting',
  upgrade: 'upgrading',
  'roll-back': 'rolling back',
  'back-up': 'backing up',
  restore: 'restoring',
  uninstall: 'uninstalling',
  purge: 'purging',
  'fresh-start': 'starting fresh with',
  undo: 'undoing the last operation on',
  recover: 'recovering',
  start: 'starting',
  stop: 'stopping',
  restart: 'restarting',
  verify: 'verifying a backup of',
  export: 'exporting from',
  drill: 'trying a backup of',
  rehearse: 'rehearsing an upgrade of',
  rescan: 'looking for backups of',
  run: 'running a command of',
  copy: 'copying the backups of',
};

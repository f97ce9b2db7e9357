/** The tray's menu as data. A section for each install; with many, each folds into a submenu. */
import { type InstallView, isBusy, needsPerson, offered } from './install-view.ts';
import { homePage, installPage, operationPage } from './pages.ts';
import { doing } from './tray-model.ts';

export type TrayAction =
  | { do: 'open'; page: string }
  | { do: 'upgrade'; install: string }
  | { do: 'back-up'; install: string }
  | { do: 'check-for-updates' }
  | { do: 'quit' };

export type TrayEntry =
  | { kind: 'line' }
  /** Words that do nothing. */
  | { kind: 'heading'; label: string }
  | { kind: 'item'; label: string; action: TrayAction; enabled: boolean }
  | { kind: 'submenu'; label: string; entries: TrayEntry[] };

/** With more installs than this, a flat menu would be longer than a screen. */
const mostSections = 3;

const line: TrayEntry = { kind: 'line' };

export function trayMenu(views: readonly InstallView[]): TrayEntry[] {
  const sections = views.map((view) => ({ heading: headingOf(view), entries: sectionOf(view) }));
  const installs: TrayEntry[] =
    views.length > mostSections
      ? sections.map(({ heading, entries }) => ({ kind: 'submenu', label: heading, entries }))
      : sections.flatMap(({ heading, entries }) => [{ kind: 'heading', label: heading } as const, ...entries, line]);
  return [
    ...installs,
    ...(views.length > mostSections ? [line] : []),
    item('Open', { do: 'open', page: homePage }),
    item('Check for updates', { do: 'check-for-updates' }, views.length > 0),
    line,
    item('Quit', { do: 'quit' }),
  ];
}

function headingOf(view: InstallView): string {
  const { title, release, install } = view.install;
  const name = install === view.install.product ? title : `${title} (${install})`;
  return `${name}${release === null ? '' : ` ${release}`}`;
}

function sectionOf(view: InstallView): TrayEntry[] {
  const { install, status, operation } = view;
  const name = install.install;
  const problem = needsPerson(view);
  const free = !isBusy(view);
  const latest = offered(view);
  const backup = status?.lastBackup ?? null;
  return [
    ...(operation === null
      ? []
      : [item(`${upperFirst(doing[operation.action])} …`, { do: 'open', page: operationPage(operation.operation) })]),
    ...(problem === null ? [] : [item(`${problem} …`, { do: 'open', page: installPage(name) })]),
    latest === null
      ? item('No newer release', { do: 'open', page: installPage(name, 'upgrade') }, false)
      : item(`Upgrade to ${latest}`, { do: 'upgrade', install: name }, free),
    item('Back up now', { do: 'back-up', install: name }, free && status !== null),
    item('Restore last backup …', { do: 'open', page: installPage(name, 'backups') }, free && backup !== null && backup.verdict !== 'bad'),
  ];
}

function item(label: string, action: TrayAction, enabled = true): TrayEntry {
  return { kind: 'item', label, action, enabled };
}

function upperFirst(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

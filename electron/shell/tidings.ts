/** What the desktop app tells a person of by itself: new releases once, ends that nobody looked at, and where it went when its window closed. */
import type { RunningOperation } from '../api/client.ts';
import type { EngineEvent } from '../api/events.ts';
import type { InstallsWatch } from './installs-watch.ts';
import { notify } from './notifications.ts';
import { newsOf } from './operation-news.ts';
import { homePage, upgradePage } from './pages.ts';
import { releaseNews } from './release-news.ts';
import type { SettingsFile } from './settings-file.ts';
import { tellWebhook } from './webhook.ts';
import type { Windows } from './windows.ts';

export interface TidingsMeans {
  settings: SettingsFile;
  watch: InstallsWatch;
  windows: Windows;
}

/** Tells of every release that was not told of, here and to the webhook, and remembers that. */
export function tellOfReleases({ settings, watch, windows }: TidingsMeans): void {
  const news = releaseNews(watch.views(), settings.current.toldOf);
  if (news.length === 0) return;
  const toldOf = { ...settings.current.toldOf, ...Object.fromEntries(news.map(({ install, to }) => [install, to])) };
  settings.change({ toldOf }).catch(() => undefined);
  for (const each of news) {
    const from = each.from === null ? '' : ` It is ${each.from} here.`;
    notify({
      title: `${each.title} ${each.to} is out`,
      body: `See what stays and what changes.${from}`,
      onClick: () => windows.open(upgradePage(each.install, each.to)),
    });
    if (settings.current.webhook !== null) void tellWebhook(settings.current.webhook, each);
  }
}

/** A check that a person asked for answers also when there is nothing new. */
export function tellOfCheck(updates: readonly { install: string; release: string }[], { watch, windows }: TidingsMeans): void {
  const unknown = watch.views().filter((view) => view.status === null || view.status.update.error !== null);
  const onClick = (): void => windows.open(homePage);
  if (updates.length > 0) {
    notify({ title: 'There are newer releases', body: updates.map(({ install, release }) => `${install} ${release}`).join(', '), onClick });
  } else if (unknown.length > 0) {
    notify({ title: 'Not every feed could be asked', body: unknown.map((view) => view.install.title).join(', '), onClick });
  } else {
    notify({ title: 'Everything is up to date', body: 'Every feed was asked.', onClick });
  }
}

/** @param operation as it stood before its end */
export function tellOfEnd(
  event: Extract<EngineEvent, { event: 'ended' }>,
  operation: RunningOperation,
  { watch, windows }: TidingsMeans,
): void {
  if (windows.isLookedAt()) return;
  const { action, install } = operation;
  const title = watch.views().find((view) => view.install.install === install)?.install.title ?? install;
  const news = newsOf(event, action, title);
  if (news !== null) notify({ title: news.title, body: news.body, onClick: () => windows.open(news.page) });
}

/** The first time that closing the window leaves Moult in the tray. */
export function tellOfTray({ settings, windows }: Pick<TidingsMeans, 'settings' | 'windows'>): void {
  if (settings.current.toldOfTray) return;
  settings.change({ toldOfTray: true }).catch(() => undefined);
  notify({
    title: 'Moult stays in the tray',
    body: 'Its icon shows how your installs are. Quit is in its menu.',
    onClick: () => windows.open(homePage),
  });
}
